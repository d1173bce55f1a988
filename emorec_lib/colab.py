"""Google Colab: data, checkpoints and results on Drive, so that a disconnect loses nothing."""

import os
from pathlib import Path

MOUNT = Path("/content/drive")


def prepare(folder: str = "emorec") -> Path:
    """Connect Google Drive and go to the folder MyDrive/``folder`` (made if there is none); says what is found there, and which processor
    the notebook will run on. Returns the folder.

    Everything that notebooks write lands below it, in outputs/; downloaded weights in models/ (EMOREC_CACHE). If it holds packs/ or
    aihub/, these are the data (EMOREC_PACKS, EMOREC_AIHUB). A variable that is set already stays. Where Drive cannot be connected, the
    folder lies on Colab's own disk, and a word says that it goes when the runtime does.
    """
    import torch
    from google.colab import drive

    home = MOUNT / "MyDrive" / folder
    try:
        drive.mount(str(MOUNT))
        home.mkdir(parents=True, exist_ok=True)
        print(f"Data, checkpoints and results: {home}. After a disconnect, run the notebook again: what was finished stays finished.")
    except Exception as error:  # refused, or one of the many ways in which mounting fails
        home = MOUNT.parent / folder
        home.mkdir(parents=True, exist_ok=True)
        print(f"Google Drive is not connected ({error}); working in {home}, which is gone when the runtime ends.")
    os.chdir(home)
    os.environ.setdefault("EMOREC_CACHE", str(home / "models"))
    for variable, name in (("EMOREC_PACKS", "packs"), ("EMOREC_AIHUB", "aihub")):
        if (home / name).is_dir():
            os.environ.setdefault(variable, str(home / name))
        print(f"{variable}: {os.environ.get(variable) or f'the embedded sample; your own go into {home / name}'}")
    if torch.cuda.is_available():
        print(f"GPU: {torch.cuda.get_device_name()}, {torch.cuda.get_device_properties(0).total_memory / 2**30:.0f} GB")
    else:
        print("No GPU: choose one under Runtime → Change runtime type (런타임 유형 변경), or training takes hours.")
    return home
