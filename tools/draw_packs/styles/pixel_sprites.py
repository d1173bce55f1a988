"""Hand-set pixels of the pixel-art style.
# dark, w white, m mouth, p tongue, r red, y yellow, o orange, b water, d deep blue, g grey, k green, a accent."""


def _rows(text):
    return text.split()


EYES = {
    k: _rows(v)
    for k, v in {
        "dot": "..... .##.. .w#.. .##.. .....",
        "happy": "..... ..#.. .#.#. #...# .....",
        "squeeze": "##... ..##. ....# ..##. ##...",
        "shut": "..... ..... #...# .###. .....",
        "teary": ".###. #ww## #w### ##bb# .bbb.",
        "wide": ".###. #www# #w#w# #www# .###.",
        "tiny": ".###. #www# #www# #w#w# .###.",
        "look": ".###. #www# ##ww# ##ww# .###.",
        "up": ".###. #ww## #ww## #www# .###.",
        "side": "##### ##ww# ##ww# .###. .....",
        "angry": "##... .###. .#w## .w##. ..#..",
        "flat": "..... ..... ##### ..... .....",
        "half": "..... ..... ##### .###. .###.",
        "star": "..y.. .yyy. yyyyy .yyy. .y.y.",
        "heart": ".r.r. rrrrr rrrrr .rrr. ..r..",
        "spiral": "####. #...# #.#.# #.##. #....",
    }.items()
}
ONE_WAY = ("look", "up", "side", "dot", "spiral", "teary")  # not mirrored
BROWS = {k: _rows(v) for k, v in {"sad": "...## .##..", "angry": "##... ..##.", "raised": ".###. #...#", "one": ".###. #...#"}.items()}
MOUTHS = {
    k: _rows(v)
    for k, v in {
        "smile": "#..#..# .##.##.",
        "laugh": "######### #mmmmmmm# .#mpppm#. ..#####..",
        "open": "####### #mmmmm# .#ppp#. ..###..",
        "o": ".##. #mm# #mm# .##.",
        "jaw": ".###. #mmm# #mmm# #mpm# .###.",
        "frown": ".###. #...#",
        "wave": ".#...#...#. #.#.#.#.#.# ...#...#...",
        "bite": "####### #w#w#w# #######",
        "roar": ".#######. #wmmmmmw# #mmmmmmm# #mmpppmm# .#######.",
        "teeth": ".#######. #w#w#w#w# ######### #w#w#w#w# .#######.",
        "pout": ".###. #...#",
        "slant": "....## ..##.. ##....",
        "crooked": "#......# .#..##.. ..##....",
        "wail": "..#####.. .#mmmmm#. #mmmmmmm# #mmpppmm# .#######.",
        "wobble": ".#..#. #.##.#",
        "flat": "#####",
    }.items()
}
BITS = {
    k: _rows(v)
    for k, v in {
        "heart": ".##.##. #rr#rr# #rwrrr# #rrrrr# .#rrr#. ..#r#.. ...#...",
        "smallheart": "r.r rrr .r.",
        "broken": ".##.##. #rr#rr# #rrwrr# #rwrrr# .#rwr#. ..#r#.. ...#...",
        "drop": "..d.. ..d.. .dbd. dbbbd dbwbd .ddd.",
        "smalldrop": ".d. .d. dbd .d.",
        "vein": "..r.r.. ..r.r.. rr...rr ....... rr...rr ..r.r.. ..r.r..",
        "bang": "### #r# #r# #r# #r# ### #r# ###",
        "what": ".####. #aaaa# #a##a# .##aa# .#aa#. .####. .#aa#. .####.",
        "sparkle": "...y... ...y... ..yyy.. yyywyyy ..yyy.. ...y... ...y...",
        "smallsparkle": "..y.. ..y.. yywyy ..y.. ..y..",
        "steam": ".##.. #ww#. .#ww# #www# .###.",
        "flame": "...r... ...r.r. .r.rr.. .rrrrr. rroorrr rrooorr roooorr royyoor royyyor .ooyoo.",
        "cloud": "....#####...... ..##ggggg##.... .#ggggggggg###. #gggggggggggggg# #gggggggggggggg# .##############.",
        "shiver": ".d. ..d .d. d.. .d. ..d .d.",
        "z": "aaaa ..a. .a.. aaaa",
        "bigz": "aaaaaa ....a. ...a.. ..a... .a.... aaaaaa",
        "bubble": ".#########. #wwwwwwwww# #w##w##w##w# #w##w##w##w# #wwwwwwwww# .####w####. ....#w#.... .....#.....",
        "puff": ".###... #www##. #wwwww# .##ww#. ...##..",
        "cup": "####### #aaaaa## #awwwa.# #aaaaa## .#####..",
        "ring": "...####... .##wwww##. #wwkkkkww# #wkwwwwkw# #wkwwwwkw# #wkwwwwkw# #wwkkkkww# .##wwww##. ...####... ....##.... ....##....",
        "hat": "....y.... ...#y#... ...#a#... ..#aaa#.. ..#www#.. .#aaaaa#. .#wwwww#. #aaaaaaa#",
        "cap": "....#######.... ..##aaaaaaa##.. .#aaaaaaaaaaa#. #aaaaaaaaaaaaa##ww# #wwwwwwwwwwwww#.www",
        "swirl": ".aaa. a...a a.a.a a.aa. a....",
    }.items()
}
