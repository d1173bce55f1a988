"""Hand-set pixels of the pixel-art style: sheets of sprites under their names, a character per cell.

. is clear; l c s n are the coat's lit, plain, shaded and outline tones; what the others are says pixel_grid.Grid.keys.
"""

import re


def _sheet(text):
    sprites = {}
    for block in text.strip("\n").split("\n\n"):
        names, *rows = block.split("\n")
        starts = [m.start() for m in re.finditer(r"\S+", names)]
        for name, a, b in zip(names.split(), starts, [*starts[1:], None], strict=True):
            sprites[name] = [cells for row in rows if (cells := row[a:b].strip())]
    return sprites


# the left eye; the right one is its mirror image, but for ONE_WAY
EYES = _sheet("""
dot      happy    squeeze  shut     teary    wide     tiny     look     up       side     angry    flat
..###..  .......  ##.....  .......  ..###..  ..###..  ..###..  ..###..  ..###..  ..###..  ##.....  .......
.#####.  ..###..  ####...  .......  .#####.  .#www#.  .#www#.  .#www#.  .#w##w.  .#www#.  ####...  .......
.#ww##.  .#####.  ..####.  #.....#  #ww####  #wwwww#  #wwwww#  #wwwww#  #ww##w#  #www##w  ######.  #######
.#ww##.  ###.###  ....###  ##...##  #ww##w#  #ww##w#  #wwwww#  #www##w  #ww##w#  #ww###w  .#w####  #######
.#####.  ##...##  ..####.  ###.###  #######  #w###w#  #ww#ww#  #ww###w  #wwwww#  #ww###w  .#w##w#  .......
.###j#.  #.....#  ####...  .#####.  #w##jj#  #ww##w#  #wwwww#  #ww###w  .#www#.  #www##w  ..###w#  .......
.##jj#.  .......  ##.....  ..###..  #bbbbj#  #wwwww#  .#www#.  .#w##w#  ..###..  .#www#.  ...###.
..###..                             #bbwbb#  .#www#.  ..###..  ..####.           ..###..
                                    .b.bbb.  ..###..

half     down     star       heart      spiral
.......  .......  ....#....  .###.###.  .######.
#######  .......  ...#y#...  #rrr#rrr#  #wwwwww#
#######  #######  ####y####  #rwrrrrr#  #w####w#
#w###w#  .#####.  #yywyyyy#  #rwrrrrr#  #w#ww#w#
.#####.  .##w##.  .#ywyyy#.  .#rrrrr#.  #w#w##w#
.......  ..###..  ..#yyy#..  ..#rrr#..  #w#wwww#
.n...n.  .......  .#yy#yy#.  ...#r#...  #w#####.
..nnn..           .###.###.  ....#....  .#......
""")

ONE_WAY = ("dot", "look", "up", "side", "spiral", "teary", "wide", "heart", "star")

# over the left eye
BROWS = _sheet("""
sad     angry   raised  one
....##  ##....  .####.  ..###.
..####  ####..  ##..##  .##.##
####..  ..####          ##....
##....  ....##
""")

MOUTHS = _sheet("""
smile      grin       laugh          open       o      jaw      frown      wave             bite
#...#...#  #.......#  #############  #########  .###.  ..###..  ...###...  .##...##...##..  ###########
#...#...#  ##.....##  #wwwwwwwwwww#  #wwwwwww#  #mmm#  .#mmm#.  .##...##.  #..#.#..#.#..#.  #ww#www#ww#
.#.#.#.#.  .##...##.  #mmmmmmmmmmm#  #mmmmmmm#  #mmm#  #mmmmm#  ##.....##  ....#....#....#  #ww#www#ww#
..#...#..  ...###...  .#mmmmmmmmm#.  #mmpppmm#  #mmm#  #mmmmm#  #.......#                   #####.#####
                      .#mmpppppmm#.  .#mpppm#.  .###.  #mmmmm#
                      ..#mpppppm#..  ..#####..         #mpppm#
                      ...#######...                    .#ppp#.
                                                       ..###..

roar         teeth          pout     slant     crooked      wail           wobble     flat
.#########.  .###########.  ..###..  ......##  #.........#  ...#######...  .##..##..  #######
#wwmmmmmww#  #ww#ww#ww#ww#  .##.##.  ...####.  ##..##...##  ..#mmmmmmm#..  #..##..#.  .......
#wmmmmmmmw#  #ww#ww#ww#ww#  ##...##  .###....  .####.####.  .#mmmmmmmmm#.  ........#
#mmmmmmmmm#  #############           ##......  .......#...  #mmmmpppmmmm#
#mmmpppmmm#  #ww#ww#ww#ww#                                  #mmmpppppmmm#
#mmpppppmm#  .###########.                                  #mmpppppppmm#
#wmpppppmw#                                                 .###########.
.#########.
""")

BITS = _sheet("""
z     plate      pebble  smallheart  smallsparkle  smallleaf  smalldrop  steam     puff        bigz
aaaa  .########  .gg.    .r.r.       ..o..         .uoo.      ..d..      ...ggg..  ...ggggg..  aaaaaaa
..a.  #wwwwwww#  gwgh    rwrrr       ..y..         uoooo      ..d..      ..gwwwg.  .ggwwwwwg.  aaaaaaa
.a..  .#wwwww#.  ghhh    rrrre       oywyo         ouuoo      .dbd.      .gwwwwg.  gwwwwwwwwg  ....aa.
aaaa  ..#####..  .hh.    .rre.       ..y..         ooouu      dbwbd      ggwwgwg.  gwwwwwwwwg  ...aa..
                         ..e..       ..o..         .ooo.      dbbbd      gwwwwg..  gwwwgwwwwg  ..aa...
                                                              .ddd.      gwwwgg..  .gwggwwwg.  .aa....
                                                                         .ggg....  ..gg.ggg..  aaaaaaa
                                                                                               aaaaaaa

cup            leaf     crack  heart      broken         drop     vein       sparkle    cloud
###########..  ......u  ....n  ..ee.ee..  ...ee...ee...  ...d...  ..rr.rr..  ....o....  .........qqqqq..........
#qqqqqqqqq##.  ...oouu  .n.n.  .errerre.  ..errewwrre..  ..dbd..  ..rr.rr..  ....y....  .....qqqqgggggqqq.......
#aaaaaaaaa#a#  ..oouo.  n.n..  erwrrrrre  .errrrewrrre.  ..dbd..  rrr...rrr  ...yyy...  ...qqggwwgggggggqqqqq...
#awaaaaaaa#a#  .oouoo.  .n...  erwrrrrre  .erwrrwerrre.  .dbbbd.  rr.....rr  ..yywyy..  ..qgggwwgggggggggggggq..
#awaaaaaaa##.  oouooo.  ..n..  errrrrree  .errrewrrrre.  dbbbbbd  .........  oyywwwyyo  .qggggggggggggggggggggq.
#aaaaaaaaa#..  ouoooo.  ..nn.  .errrree.  ..errrwerre..  dbwbbbd  rr.....rr  ..yywyy..  qgggggggggggggggggggghgq
.#aaaaaaa#...  uoooo..  .n..n  ..erree..  ...errewre...  dbwwbbd  rrr...rrr  ...yyy...  qghgggggghggggggghgghhhq
..#######....  u......  .n...  ...eee...  ....ewere....  .dbbbd.  ..rr.rr..  ....y....  .qhhhhhhhhhhhhhhhhhhhhq.
                               ....e....  .....ee......  ..ddd..  ..rr.rr..  ....o....  ..qqqqqqqqqqqqqqqqqqqq..

swirl      note      notes     flame        hat            bolt    bowl               phone      hanky
..aaaaa..  ...####.  .#######  .....r.....  .....yyy.....  ....##  ....###..........  #########  ..##.......
.aa...aa.  ...#aa#.  .#aaaaa#  .....rr....  .....yyy.....  ...#y#  ..##www####......  #ggggggg#  .#ww####...
aa.....aa  ...####.  .#######  ..r..rr....  .....#a#.....  ..#yy#  .#wwwwwwwww###...  #g##gggg#  #wwwwwww##.
a..aaa..a  ...#....  .#.....#  ..rr.rrr.r.  .....#aa#....  .#yy#.  #wwwgwwwwwgwww#..  #g##gggg#  #waawwwwww#
a.aa.a..a  ...#....  .#.....#  ..rrrrorrr.  ....#aww#....  #yyy##  #################  #ggggggg#  .#aawwwaww#
a.a...aa.  .###....  ##...###  .rrroooorr.  ....#wwaa#...  ###yy#  #aaaaaaaaaaaaaaa#  #ggggggg#  .#wwwwaaww#
a.aa.....  #aa#....  aa#.#aa#  .rrooooorr.  ...#waaaw#...  .#yy#.  #awwaaaaaaaaaaa#.  #ggggggg#  ..#wwwaaw#.
.a..aaaaa  #aa#....  aa#.#aa#  rrooyyooorr  ...#aaawww#..  .#y#..  .#aaaaaaaaaaaa#..  #ggggggg#  ..#wwwwww#.
.aaa.....  .##.....  ##...##.  rrooyyyoorr  ..#wwwwaaa#..  #y#...  ..##aaaaaaaa##...  #hhhhhhh#  ...##www#..
                               rooyyyyyoor  .###########.  ##....  ....########.....  #########  .....###...

bang   what     shiver  bubble           board                       cap                            soul
.####  .#####.  ..d.    ..###########..  ##########################  .........#########...........  ...hhh....
#aaa#  #aaaaa#  .dd.    .#wwwwwwwwwww#.  #wwwwwwwwwwwwwwwwwwwwwwww#  ......###aaaaaaaa###.........  ..hwwwhh..
#aaa#  #aa#aa#  dd..    #wwwwwwwwwwwww#  #wwwwwwwkkwwwwwwwwwwwwwww#  ....##aawwaaaaaaaaaa###......  .hwwwwwwh.
#aaa#  .####a#  .dd.    #ww##ww##ww##w#  #wwwwwwkkkwwaaaaaaaaaawww#  ...#aawwaaaaaaaaaaaaaa##.....  .hw#ww#wh.
#aaa#  ..#aaa#  ..dd    #ww##ww##ww##w#  #wkkwwkkkwwwwwwwwwwwwwwww#  ..#aaawaaaaaaaaaaaaaaaaa#....  .hw#ww#wh.
.#a#.  ..#aa#.  .dd.    #wwwwwwwwwwwww#  #wkkkkkkwwwaaaaaaaawwwww#.  .#aaaaaaaaaaaaaaaaaaa#aa#....  hwwwwwwwwh
.#a#.  ..#a#..  dd..    .#wwwwwwwwwww#.  #wwkkkkwwwwwwwwwwwwwwwwww#  #aaaaaaaaaaaaaaaaaaaaa##a#...  hwwww#wwgh
.###.  ..###..  .dd.    ..###ww######..  #wwwkkwwwwwwaaaaaaaaaawww#  ########################a#...  .hwwwwwgh.
#aa#.  ..#aa#.  ..dd    ...#ww#........  #wwwwwwwwwwwwwwwwwwwwwwww#  #wwwwwwwwwwwwwwwwwwwwww###...  ..hwwwgh..
#aa#.  ..#aa#.  .dd.    ...#w#.........  #gggggggggggggggggggggggg#  #wwwwwwwwwwwwwwwwwwwwww#www#.  ..hwwgh...
.##..  ...##..  dd..    ...##..........  ##########################  #gggggggggggggggggggggg#wwww#  .hwwgh....
                                                                     ########################wwg#.  .hwgh.....
                                                                     .........................###.  ..hhh.....

clock        palm            laptop                        ring
.##.....##.  ....nn.nn.....  .########################...  ....#####....
#ee#.#.#ee#  ...nccnccn....  #hgggggggggggggggggggggggh#.  ..##wwwww##..
#e#######e#  .nnnccnccnnn..  #gwggggggggggggggggggggggg#.  .#wwkkkkkww#.
.##rrrrr##.  nccnccnccnccn.  #gwgggggggg##.##gggggggggg#.  .#wkkkkkkkw#.
.#rwwwwwr#.  nccnccnccnccn.  #ggggggggg#aa#aa#ggggggggg#.  #wkkkwwwkkkw#
#rwww#wwwr#  nccnccnccnccn.  #ggggggggg#aaaaa#ggggggggg#.  #wkkwwwwwkkw#
#rwww#wwwr#  ncccccccccccsn  #gggggggggg#aaa#gggggggggg#.  #wkkwwwwwkkw#
#rwww###wr#  ncccccccccccsn  #ggggggggggg#a#ggggggggggg#.  #wkkwwwwwkkw#
#rwwwwwwwr#  nllcccccccccsn  #gggggggggggg#gggggggggggg#.  #wkkkwwwkkkw#
.#rwwwwwr#.  .nlccccccccsn.  #hggggggggggggggggggggggghh#  .#wkkkkkkkw#.
.##rrrrr##.  .nccccccccssn.  ############################  .#wwkkkkkww#.
#e#######e#  ..nccccccssn..  #hhhhhhhhhhhhhhhhhhhhhhhhhh#  ..##wwwww##..
##.......##  ...nnnnnnnn...  .##########################.  ....#####....
                                                           .....#o#.....
                                                           .....#o#.....
                                                           .....#o#.....
""")
