"""What tools/train_resnet_mini.py, tools/train_clip_mini.py and tools/measure_minis.py share.

families.py   which families are trained on, tuned on, measured on      store.py     pictures -> one uint8 file that training reads
pens.py       art styles drawn by chance, acted out by draw_packs       filters.py   ways to render a picture anew
views.py      augmentation of a batch                                   nets.py      the two small networks and their files
losses.py     style loss on Gram features, captions                     loop.py      one training loop: steps, checkpoints, resume
"""
