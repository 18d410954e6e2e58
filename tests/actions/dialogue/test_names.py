"""Names as people give them: in sentences, dialects and letters; and what is no name."""

from __future__ import annotations

import pytest

from actions.dialogue.names import is_another, is_full, read_full_name, read_introduced_name, read_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("大庭キヨと申します", "大庭キヨ"),
        ("堀口だ。堀口剛", "堀口剛"),
        ("名前？ 前田や、前田浩二", "前田浩二"),
        ("私の名前ですよね。佐伯亮です（息子）", "佐伯亮"),
        ("母の三宅 真由美です", "三宅 真由美"),
        ("成年後見人の 迫田 宗平 です", "迫田 宗平"),
        ("行政書士 沢村 司", "沢村 司"),
        ("西村たかしいいます", "西村たかし"),
        ("古賀 源太ばい", "古賀 源太"),
        ("小野寺 ひまり です🌻", "小野寺 ひまり"),
        ("ゆうか🌸 小林ゆうか", "小林ゆうか"),
        ("東海林 悠（しょうじ ゆう）です", "東海林 悠"),
        ("早川 しおり です。あの、名前はほかの人に見られませんよね", "早川 しおり"),
        ("Myself Raghavan Subramaniam", "Raghavan Subramaniam"),
        ("Dr. Jürgen Weißhaupt, but the title is not necessary", "Jürgen Weißhaupt"),
        ("Agnieszka Kowalczyk, and my mail is agnieszka@example.org", "Agnieszka Kowalczyk"),
        ("I have only one name: Wayan. It is complete name in my passport.", "Wayan"),
        ("My name is No Minji. (No is my family name!)", "No Minji"),
        ("This is Mr. John Carter from London", "John Carter"),
        ("O'Neil, Sean", "O'Neil, Sean"),
        ("ごめんなさい、誤字です。名前は渡邉澄子です", "渡邉澄子"),
        ("Maricel Dizon po", "Maricel Dizon"),
        ("jess mcallister", "jess mcallister"),
    ],
)
def test_the_name_is_read_out_of_what_people_say(text: str, name: str) -> None:
    assert read_name(text, asked=True) == name


@pytest.mark.parametrize(
    "text",
    [
        "ちなみに新住所は横浜市の青葉区で、旧住所は川崎市です",
        "購入履歴を全部見たいです",
        "I don't want to tell you my name",
        "what is that good for",
        "it is a long story about my account",
        "このあいだ買った服のことで困っているんだけど、どうにかしてほしい",
    ],
)
def test_a_sentence_is_no_name(text: str) -> None:
    assert read_name(text, asked=True) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("山田 花子", "山田 花子"),
        ("Hanako Yamada", "Hanako Yamada"),
        ("Maria de la Cruz", "Maria de la Cruz"),
        ("会員", None),
        ("登録住所", None),
        ("hello there", None),
        ("ありがとう", None),
    ],
)
def test_only_what_plainly_is_a_name_is_one_when_nobody_asked(text: str, name: str | None) -> None:
    assert read_full_name(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("no wait, the name should be Lea Wong", "Lea Wong"),
        ("名前は山口花子です", "山口花子"),
        ("名前は山田じゃなくて山口です", None),  # only a part of it
        ("the name is wrong", None),
    ],
)
def test_the_corrected_name_is_read_whatever_else_is_said(text: str, name: str | None) -> None:
    assert read_introduced_name(text) == name


@pytest.mark.parametrize(
    ("text", "other"), [("母は 戸倉 ミツ と申します", True), ("his name is Max", True), ("山田花子です", False)]
)
def test_another_persons_name_is_known_as_such(text: str, other: bool) -> None:
    assert is_another(text) is other


@pytest.mark.parametrize(
    ("name", "full"), [("山田", False), ("山田花子", True), ("山田 花子", True), ("Hanako", False), ("Ana Lima", True)]
)
def test_a_family_name_alone_is_not_the_whole(name: str, full: bool) -> None:
    assert is_full(name) is full


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("佐々木トメ子ですだ", "佐々木トメ子"),
        ("なまえは桜井りおだよ〜", "桜井りお"),
        ("わしは沖本 勝じゃ", "沖本 勝"),
        ("わたしは娘の原口真奈美です", "原口真奈美"),
        ("its zoe, zoe martinez", "zoe martinez"),
        ("名前は江崎七海で、メールは nanami@example.org です", "江崎七海"),
        ("Ms Harriet Cole, solicitor", "Harriet Cole"),
        ("秘書室\u3000森下 香織", "森下 香織"),
        ("株式会社まるかどの西尾亮介と申します", "西尾亮介"),
        ("うち、中村さくらどす", "中村さくら"),
        ("森本健太っす", "森本健太"),
        ("森本けんたっす！", "森本けんた"),
        ("木下まなみでーす", "木下まなみ"),
        ("木下まなみで〜す♪", "木下まなみ"),
        ("おいは坂本龍馬たい", "坂本龍馬"),
        ("平野大輔ですばい", "平野大輔"),
        ("石田恵美なのだ", "石田恵美"),
        ("石田恵美と言います、よろしく", "石田恵美"),
        ("石田恵美でお願いします", "石田恵美"),
        ("石田恵美で", "石田恵美"),
        ("石田恵美とお呼びください", "石田恵美"),
        ("名前は石田恵美で", "石田恵美"),
        ("ワシ、名を大森権蔵という", "大森権蔵"),
        ("ぼく、こじま りく です", "こじま りく"),
        ("わたしのなまえは グエン・ティ・ラン です", "グエン・ティ・ラン"),
        ("小野田 翔（おのだ しょう）と申します。よろしくお願いいたします。", "小野田 翔"),
        ("名前ですか？小野田翔です", "小野田翔"),
        ("小野田翔。よろしく", "小野田翔"),
        ("はい、小野田翔と申します。代表をしております。", "小野田翔"),
        ("有限会社なぎさ 総務課長 小野田翔", "小野田翔"),
        ("なぎさ商事 営業部の小野田翔です", "小野田翔"),
        ("小野田翔（なぎさ商事 営業部）", "小野田翔"),
        ("弁護士の小野田翔です。依頼人は山本一郎です。", "小野田翔"),
        ("小野田翔（山本一郎の代理人）", "小野田翔"),
        ("山本一郎の妻、山本京子です", "山本京子"),
        ("母・山本京子の娘の山本桃です", "山本桃"),
        ("おだ まりこや", "おだ まりこ"),
        ("小田まりこやで", "小田まりこ"),
        ("小田まりこやねん", "小田まりこ"),
        ("小田まりこじゃよ", "小田まりこ"),
        ("小田まりこだけど", "小田まりこ"),
        ("小田まりこですけど何か", "小田まりこ"),
        ("小田です。小田まりこ", "小田まりこ"),
        ("小田、小田まりこと申しますわ", "小田まりこ"),
        ("オダ\u3000マリコ", "オダ マリコ"),
        ("ｵﾀﾞ ﾏﾘｺです", "ｵﾀﾞ ﾏﾘｺ"),
        ("よしだ", "よしだ"),
        ("前田かえで", "前田かえで"),
        ("前田まや", "前田まや"),
        ("小田ひでだ", "小田ひで"),
        ("小田まりこ様でお願いします", "小田まりこ"),
        ("名前は小田まりこさんです", "小田まりこ"),
        ("小田まりこ本人です", "小田まりこ"),
        ("本人の小田まりこです", "小田まりこ"),
        ("ニックネームじゃなくて本名ですよね、小田まりこです", "小田まりこ"),
        ("call me Zoe Martinez", "Zoe Martinez"),
        ("zoe here, zoe martinez", "zoe martinez"),
        ("Zoe Martinez here!", "Zoe Martinez"),
        ("I go by Zoe Martinez", "Zoe Martinez"),
        ("They call me Zoe Martinez", "Zoe Martinez"),
        ("I call myself Dominique Lefèvre", "Dominique Lefèvre"),
        ("name's Bond, James Bond", "James Bond"),
        ("Martinez, Zoe", "Martinez, Zoe"),
        ("MARTINEZ Zoe", "MARTINEZ Zoe"),
        ("my good name is Ananya Krishnamurthy", "Ananya Krishnamurthy"),
        ("Me llamo Zoe... I mean my name is Zoe Martinez", "Zoe Martinez"),
        ("It is Zoe Martinez.", "Zoe Martinez"),
        ("Zoe Martinez, office manager at Sample Ltd", "Zoe Martinez"),
        ("Zoe Martinez (Ms)", "Zoe Martinez"),
        ("Zoe Martinez, attorney at law", "Zoe Martinez"),
        ("Dr Zoe Martinez PhD", "Zoe Martinez"),
        ("Sample Ltd, Zoe Martinez", "Zoe Martinez"),
        ("you can write Zoe Martinez", "Zoe Martinez"),
        ("Name = Zoe Martinez and the mail is zoe@example.com", "Zoe Martinez"),
        ("the names zoe martinez lol", "zoe martinez"),
        ("Zoe", "Zoe"),
        ("Signed: Zoe Martinez", "Zoe Martinez"),
        ("put down Zoe Martinez", "Zoe Martinez"),
        ("Zoe Martinez speaking", "Zoe Martinez"),
        ("Sure! Zoe Martinez, nice to meet you", "Zoe Martinez"),
        ("李 明（リ ミン）です", "李 明"),
        ("Kim Min-jun (김민준)", "Kim Min-jun"),
        ("ジョン・スミス / John Smith", "ジョン・スミス"),
        ("i'm zoe martinez, her daughter", "zoe martinez"),
        ("Zoe Martinez on behalf of Ana Martinez", "Zoe Martinez"),
        ("for my mother Ana Martinez, I am Zoe Martinez", "Zoe Martinez"),
        ("Eu sou Zoe Martinez, my name is Zoe Martinez", "Zoe Martinez"),
        ("名前？さくら", "さくら"),
        ("ワタシ ノ ナマエ ハ マリア シルバ デス", "マリア シルバ"),
        ("maria silva desu", "maria silva"),
        ("namae wa maria silva desu", "maria silva"),
        ("おらは 阿部 太郎だべ", "阿部 太郎"),
        ("吉村さやっす", "吉村さや"),
        ("吉村たくや", "吉村たくや"),
        ("吉村たくやです", "吉村たくや"),
        ("吉村拓也やけど", "吉村拓也"),
        ("吉村じゃ、吉村拓也", "吉村拓也"),
        ("名前ですけど、吉村拓也といいます", "吉村拓也"),
        ("吉村\u3000拓也\u3000と申しますのでよろしくお願い申し上げます", "吉村 拓也"),
        ("フルネームは吉村拓也です！", "吉村拓也"),
        ("ヨシムラ タクヤデス", "ヨシムラ タクヤ"),
        ("吉村拓也(30歳)", "吉村拓也"),
        ("吉村拓也、会社員です", "吉村拓也"),
        ("みなと商店の店主、吉村拓也です", "吉村拓也"),
        ("みなと商店店主 吉村拓也", "吉村拓也"),
        ("税理士の吉村拓也ですが", "吉村拓也"),
        ("吉村拓也にございます", "吉村拓也"),
        ("吉村拓也でございまする", "吉村拓也"),
        ("吉村拓也でござる", "吉村拓也"),
        ("吉村拓也でごわす", "吉村拓也"),
        ("吉村拓也さ", "吉村拓也"),
        ("吉村拓也ですよっと", "吉村拓也"),
        ("吉村拓也だってば", "吉村拓也"),
        ("吉村拓也ですってば！！", "吉村拓也"),
        ("だから吉村拓也です", "吉村拓也"),
        ("さっきも言ったけど吉村拓也です", "吉村拓也"),
        ("また名前？吉村拓也だよ", "吉村拓也"),
        ("ごめん、吉村拓也", "吉村拓也"),
        ("ええっと、吉村拓也と書きます", "吉村拓也"),
        ("漢字で吉村拓也です", "吉村拓也"),
        ("吉村拓也と書いてよしむらたくやと読みます", "吉村拓也"),
        ("請求者は吉村拓也です", "吉村拓也"),
        ("申出人 吉村拓也", "吉村拓也"),
        ("吉村拓也\u3000印", "吉村拓也"),
        ("「吉村拓也」", "吉村拓也"),
        ("マイケル・ジョーダンと申します", "マイケル・ジョーダン"),
        ("陳 美玲 (Chen Meiling) です", "陳 美玲"),
        ("わたし は ファム ティ ホア です", "ファム ティ ホア"),
        ("ファンです。ファン・ヴァン・ナム。", "ファン・ヴァン・ナム"),
        ("夫の吉村拓也の代わりに、妻の吉村陽子です", "吉村陽子"),
        ("吉村陽子（拓也の妻）です", "吉村陽子"),
        ("父・吉村茂の長男の吉村拓也と申します", "吉村拓也"),
        ("Hi there, Tom Baker", "Tom Baker"),
        ("Tom. Tom Baker.", "Tom Baker"),
        ("my name be Tom Baker", "Tom Baker"),
        ("Name: Baker, Tom", "Baker, Tom"),
        ("Full name: Tom Baker", "Tom Baker"),
        ("It's Tom - Tom Baker", "Tom Baker"),
        ("Tom Baker, thanks", "Tom Baker"),
        ("ok, tom baker", "tom baker"),
        ("I am called Tom Baker", "Tom Baker"),
        ("Tom Baker is my name", "Tom Baker"),
        ("Tom Baker is the name.", "Tom Baker"),
        ("you may call me Tom Baker", "Tom Baker"),
        ("first name Tom, last name Baker", "Tom Baker"),
        ("Given name: Tom / Family name: Baker", "Tom Baker"),
        ("TOM BAKER!!!", "TOM BAKER"),
        ("I'm Tom Baker, Ana Lopez's lawyer", "Tom Baker"),
        ("Baker here", "Baker"),
        ("Tom Baker (he/him)", "Tom Baker"),
        ("Prof. Dr. Tom Baker", "Tom Baker"),
        ("Tom Baker Jr.", "Tom Baker Jr"),
        ("Tom Baker, Sales Dept., Sample Inc.", "Tom Baker"),
        ("already told you: Tom Baker", "Tom Baker"),
        ("why? anyway Tom Baker", "Tom Baker"),
        ("tom.", "tom"),
        ("Maria José da Silva e Souza", "Maria José da Silva e Souza"),
        ("It should be Tom Baker", "Tom Baker"),
        ("mein Name ist Tom Baker", "Tom Baker"),
        ("je m'appelle Tom Baker", "Tom Baker"),
        ("我叫王小明", "王小明"),
        ("저는 김민준입니다", "김민준"),
        ("とうごうまさるで漢字は東郷 勝です", "東郷 勝"),
        ("yeah its Gary Whitcombe email is gary.w@example.org", "Gary Whitcombe"),
        ("姓は吉村、名は拓也です", "吉村 拓也"),
        ("苗字が吉村で名前が拓也", "吉村 拓也"),
    ],
)
def test_the_name_is_read_however_people_introduce_themselves(text: str, name: str) -> None:
    assert read_name(text, asked=True) == name


@pytest.mark.parametrize(
    "text",
    [
        "株式会社まるかど",
        "総務部",
        "早くしてください",
        "メールは持っています",
        "関係ないだろ",
        "母が困っています",
        "さっき言った",
        "なんでもいい",
        "お客様相談室",
        "it doesn't matter",
        "my mother",
        "none of your business",
        "later maybe",
        "name",
        "名前",
        "here",
        "本名はちょっと",
        "言いたくない",
        "Cancel my membership for good",
        "Asked for a correction in May. Nothing. This is not acceptable.",
        "このあいだ買った服のことで困っているんだけど",
    ],
)
def test_companies_refusals_and_sentences_are_no_names(text: str) -> None:
    assert read_name(text, asked=True) is None


@pytest.mark.parametrize(
    "name",
    [
        "Tom Fromm",
        "Ana Atkins",
        "まえだ",
        "よしだ",
        "前田かえで",
        "前田まや",
        "吉村たくや",
        "服部 花子",
        "長谷部 誠",
        "一の瀬薫",
        "井の上花子",
    ],
)
def test_a_name_that_looks_like_an_ending_or_a_department_stays_whole(name: str) -> None:
    assert read_name(name, asked=True) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("You may put me down as Cuthbert Lyle Hargreave.", "Cuthbert Lyle Hargreave"),
        ("the account is under Maria de la Cruz", "Maria de la Cruz"),
        ("I'm Abena Ofori-Lund, his name is Kofi", "Abena Ofori-Lund"),
        ("<span>Oskar Lindqvist</span> - sorry, my editor adds tags. Just Oskar Lindqvist.", "Oskar Lindqvist"),
        ("日本語だと藤本恵美莉です", "藤本恵美莉"),
        ("I bought it at Sunshine City Mall", None),
        ("Please ask the Personal Information Manager", None),
    ],
)
def test_a_name_is_read_out_of_a_sentence_that_gives_it(text: str, name: str | None) -> None:
    assert read_name(text, asked=True) == name


@pytest.mark.parametrize(
    "text",
    [
        "町の名前がちがうんだ",
        "浪岡でねくて板柳だ",
        "会社の名前は山田商店です",
        "The street name should read Tillicum Lane",
        "u have my name as Jon",
    ],
)
def test_the_name_of_a_thing_is_no_persons(text: str) -> None:
    assert read_name(text, asked=False) is None


@pytest.mark.parametrize(
    "text", ["いまは一人暮らしでございます", "依頼者・茂木 悠斗の代理人弁護士です", "first name stored as `Micheal`"]
)
def test_a_sentence_that_nobody_was_asked_for_introduces_no_common_words_and_nobody_else(text: str) -> None:
    assert read_name(text, asked=False) is None


def test_what_is_left_of_a_sentence_is_no_name() -> None:
    assert read_name("メールは taro@example.com で、電話は 090-0000-0014 だ。", asked=True) is None


def test_a_led_name_of_which_one_word_is_left_is_no_failure() -> None:
    assert read_name("please have it put under Smith Thanks", asked=True) == "Smith"
