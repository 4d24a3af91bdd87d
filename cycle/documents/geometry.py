"""The layout of official documents by GB/T 9704-2012, in the units of Word (twips, half points).

A4; head margin 37 mm, binding margin 28 mm, type area 156 × 225 mm; 22 lines of 28 characters of size 三号.
Margins may be off by a millimetre; the pitch is rounded down so that the 22nd line still fits.
"""

TWIPS_PER_MM = 1440 / 25.4

PAGE_WIDTH, PAGE_HEIGHT = 11906, 16838
TOP, RIGHT, BOTTOM, LEFT = 2098, 1474, 1984, 1587
HEADER = 850
"""Where the demonstration mark stands: 15 mm below the paper's edge."""
FOOTER = 1361
"""24 mm above the paper's edge, so that the page number stands 7 mm below the type area."""
TEXT_WIDTH = PAGE_WIDTH - LEFT - RIGHT

LINES, CHARACTERS = 22, 28
LINE = 579
CHARACTER_SPACE = -848
"""What the grid takes from a character of 16 points (in 4096ths of a point), so that 28 stand in a line."""
CHARACTER = TEXT_WIDTH // CHARACTERS

BODY, TITLE, NUMBER, IMPRINT, CELL, SMALL = 32, 44, 28, 28, 24, 18
"""Sizes in half points: 三号 16, 二号 22, 四号 14, 四号 14, 小四 12, 小五 9."""
ISSUER = 72
ISSUER_TOP = round(35 * TWIPS_PER_MM)
RULE_GAP = 11
"""Points between the number and the red rule: 4 mm."""

FANG, BLACK, KAI, TITLE_FACE, SONG = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体", "宋体"
LATIN = "Times New Roman"
HEADING_FACES = {1: BLACK, 2: KAI, 3: FANG, 4: FANG}
RED = "FF0000"
