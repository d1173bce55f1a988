"""The emoticons: one script says which face, pose, effects and captions; each style acts it out its own way."""

from dataclasses import dataclass

TONES = ("banmal", "polite", "cute", "short", "jjal")  # the order of the captions below


@dataclass(frozen=True)
class Script:
    key: str
    emotion: str  # 행복 슬픔 분노 불안 당황 중립
    also: str  # further emotions, joined by |
    eyes: str
    mouth: str
    arms: str
    brows: str = ""
    fx: tuple = ()
    blush: bool = False
    tint: str = ""  # "blue" (fear, gloom) or "red" (rage) over the forehead
    tilt: float = 0.0  # degrees
    motion: str = "bounce"  # of an animated pack: bounce shake tremble sway nod sink
    texts: tuple = ("", "", "", "", "")

    def text(self, tone):
        return self.texts[TONES.index(tone)]


_ALL = (
    # --- 행복
    Script(
        "laugh",
        "행복",
        "",
        "squeeze",
        "laugh",
        "belly",
        fx=("haha",),
        blush=True,
        tilt=-6,
        motion="shake",
        texts=("ㅋㅋㅋㅋ", "하하하하", "", "ㅋㅋㅋ", "아 배 아파 ㅋㅋㅋ"),
    ),
    Script(
        "thanks",
        "행복",
        "",
        "happy",
        "smile",
        "heart",
        fx=("hearts",),
        blush=True,
        texts=("고마워", "감사합니다", "고마워용", "고마워", "복 받으실 거예요"),
    ),
    Script(
        "congrats",
        "행복",
        "",
        "happy",
        "laugh",
        "up",
        fx=("confetti", "hat"),
        blush=True,
        texts=("축하해!", "축하합니다", "추카추카", "축하해", "경축! 경사 났네"),
    ),
    Script(
        "love",
        "행복",
        "",
        "heart",
        "open",
        "cheeks",
        fx=("hearts",),
        blush=True,
        motion="sway",
        texts=("사랑해", "사랑합니다", "쪼아쪼아", "사랑해", "심장에 해롭다"),
    ),
    Script(
        "yay", "행복", "", "star", "open", "up", fx=("sparkles",), blush=True, texts=("신난다!", "최고예요", "앗싸~", "최고!", "퇴근이다!!")
    ),
    # --- 슬픔
    Script(
        "cry",
        "슬픔",
        "",
        "shut",
        "wail",
        "down",
        brows="sad",
        fx=("streams", "puddle"),
        motion="shake",
        texts=("", "엉엉엉", "흐에엥", "엉엉", "내 월급 돌려줘"),
    ),
    Script(
        "gloom",
        "슬픔",
        "불안",
        "half",
        "frown",
        "down",
        brows="sad",
        fx=("raincloud",),
        tint="blue",
        tilt=5,
        motion="sink",
        texts=("우울해…", "", "시무룩…", "우울해", "월요일은 왜 올까"),
    ),
    Script(
        "sorry",
        "슬픔",
        "당황",
        "teary",
        "wobble",
        "pray",
        brows="sad",
        fx=("tear",),
        motion="nod",
        texts=("미안해", "죄송합니다", "미아내용", "미안", "제가 잘못했습니다"),
    ),
    Script(
        "heartbreak",
        "슬픔",
        "",
        "teary",
        "frown",
        "hug",
        brows="sad",
        fx=("tear", "broken"),
        motion="sway",
        texts=("보고 싶어", "속상해요", "힝구리", "힝…", "또 차였습니다"),
    ),
    # --- 분노
    Script(
        "rage",
        "분노",
        "",
        "angry",
        "roar",
        "fists",
        brows="angry",
        fx=("flames", "vein"),
        tint="red",
        motion="shake",
        texts=("으아아악", "", "크아앙!", "", "참을 인 세 번째다"),
    ),
    Script(
        "vein",
        "분노",
        "당황",
        "angry",
        "teeth",
        "fists",
        brows="angry",
        fx=("vein", "steam"),
        tint="red",
        motion="tremble",
        texts=("뭐라고?", "뭐라고요?", "부들부들", "뭐야!", "지금 뭐라 그랬냐"),
    ),
    Script(
        "sulk",
        "분노",
        "슬픔",
        "side",
        "pout",
        "cross",
        brows="angry",
        fx=("puff", "vein"),
        blush=True,
        tilt=-5,
        motion="nod",
        texts=("흥!", "됐거든요", "삐져써", "흥!", "말 걸지 마라"),
    ),
    # --- 불안
    Script(
        "shiver",
        "불안",
        "",
        "tiny",
        "wave",
        "hug",
        brows="sad",
        fx=("shiver", "cold"),
        tint="blue",
        motion="tremble",
        texts=("덜덜덜", "무섭습니다", "오들오들", "덜덜", "통장 잔고 실화냐"),
    ),
    Script(
        "nails",
        "불안",
        "",
        "look",
        "bite",
        "mouth",
        brows="sad",
        fx=("cold", "shiver"),
        tint="blue",
        motion="tremble",
        texts=("어떡해…", "걱정돼요", "어또카지", "어쩌지", "이거 망한 것 같은데"),
    ),
    Script(
        "hide",
        "불안",
        "",
        "tiny",
        "wave",
        "mouth",
        brows="sad",
        fx=("scribble", "blanket"),
        tint="blue",
        motion="tremble",
        texts=("무서워", "불안합니다", "무셔무셔", "무서워", "이불 밖은 위험해"),
    ),
    # --- 당황
    Script(
        "huh",
        "당황",
        "불안",
        "wide",
        "jaw",
        "cheeks",
        brows="raised",
        fx=("shock", "bang"),
        blush=True,
        motion="shake",
        texts=("헐", "헉…!", "허거덩", "헐", "이게 왜 진짜임"),
    ),
    Script(
        "what",
        "당황",
        "",
        "wide",
        "o",
        "wave2",
        brows="raised",
        fx=("beads", "bangq"),
        blush=True,
        motion="shake",
        texts=("뭐야뭐야", "네?!", "앗앗!", "네?!", "제가요? 왜요?"),
    ),
    Script(
        "awkward",
        "당황",
        "",
        "dot",
        "crooked",
        "scratch",
        brows="sad",
        fx=("bigsweat", "beads"),
        blush=True,
        tilt=6,
        motion="sway",
        texts=("아하하…", "그게 말이죠", "긁적긁적", "아하하", "자연스러웠어"),
    ),
    Script(
        "melt",
        "당황",
        "",
        "spiral",
        "wobble",
        "down",
        fx=("swirl", "bigsweat", "what"),
        blush=True,
        tilt=8,
        motion="sway",
        texts=("멘붕", "혼란하네요", "뱅글뱅글", "멘붕", "뇌가 파업했습니다"),
    ),
    # --- 중립
    Script(
        "hello",
        "중립",
        "행복",
        "dot",
        "smile",
        "wave",
        fx=("wavemarks",),
        motion="sway",
        texts=("안녕", "안녕하세요", "안뇽", "안녕", "그래, 왔는가"),
    ),
    Script(
        "ok", "중립", "행복", "dot", "flat", "ok", fx=("okay",), motion="nod", texts=("ㅇㅋ", "알겠습니다", "넹넹", "ㅇㅋ", "확인했습니다")
    ),
    Script("blank", "중립", "", "flat", "flat", "down", fx=("dots",), motion="nod", texts=("", "", "멍…", "멍…", "아무 생각이 없다")),
    Script(
        "hmm",
        "중립",
        "",
        "up",
        "slant",
        "chin",
        brows="one",
        fx=("what",),
        motion="nod",
        texts=("글쎄", "생각 중", "흐음?", "흠…", "어디 한번 들어보자"),
    ),
    Script(
        "tea",
        "중립",
        "",
        "shut",
        "flat",
        "cup",
        fx=("tea",),
        motion="sway",
        texts=("그렇구나", "그렇군요", "그쿤용", "그래", "그건 네 생각이고"),
    ),
    Script(
        "night",
        "중립",
        "",
        "shut",
        "o",
        "hug",
        fx=("zzz", "nightcap"),
        tilt=8,
        motion="sway",
        texts=("잘 자", "주무세요", "코 자", "잘 자", "나는 자연인이다"),
    ),
)
SCRIPTS = {s.key: s for s in _ALL}

# Which 14 a pack shows: 행복 3, 슬픔 2, 분노 2, 불안 2, 당황 2, 중립 3.
CASTS = {
    "a": "laugh thanks congrats cry sorry rage sulk shiver nails huh awkward hello ok blank",
    "b": "love yay thanks cry gloom rage vein nails hide huh what hello hmm night",
    "c": "laugh congrats love heartbreak cry sulk vein shiver hide what melt ok tea blank",
    "d": "yay thanks laugh gloom heartbreak rage vein shiver nails awkward huh hmm tea hello",
}
CASTS = {k: v.split() for k, v in CASTS.items()}
