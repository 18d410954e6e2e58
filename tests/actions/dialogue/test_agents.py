"""Who acts for another: heard in both languages, and never where somebody writes of oneself."""

from __future__ import annotations

import pytest

from actions.dialogue.agents import find_represented, hear_agent, names_role, says_self


@pytest.mark.parametrize(
    ("text", "capacity"),
    [
        ("母の代わりに申請します", "appointed"),
        ("依頼者・茂木 悠斗の代理人弁護士です", "appointed"),
        ("社長の堂島に代わりまして秘書がご連絡しております", "appointed"),
        ("母の介護をしてる娘なんですけど母に頼まれて代わりに話してます", "appointed"),
        ("娘・早乙女 花音の会員登録を消してください", "legal"),
        ("夫の代理でご連絡します", "appointed"),
        ("弁護士ですが委任を受けて連絡しています", "appointed"),
        ("妻のアカウントを削除してください", "appointed"),
        ("友達に頼まれて書いています", "appointed"),
        ("祖母がこちらの会員なのですが退会させたい", "appointed"),
        ("任意後見人です", "appointed"),
        ("社会人の息子に頼まれました。息子の登録を消してください", "appointed"),
        ("on behalf of my father", "appointed"),
        ("please delete my wife's account", "appointed"),
        ("We act for Mr Achebe and hold his written authority", "appointed"),
        ("my son (25) asked me to close his account", "appointed"),
        ("息子のことで相談です", "legal"),
        ("成年後見人です", "legal"),
        ("中学生の娘のアカウントを消して", "legal"),
        ("母親として、14歳の息子の情報を消してもらいたいです", "legal"),
        ("I'm her guardian", "legal"),
        ("My daughter is 16. I'm her mother, stop using her data", "legal"),
        ("My 9 year old son registered. Please erase his data", "legal"),
        ("It's my daughter's, she is 13. Close it and erase all", "legal"),
        ("父に頼まれて連絡しました。父の登録情報を消してください", "appointed"),
        ("母から依頼されまして、母の会員登録の解約をお願いします", "appointed"),
        ("委任を受けております司法書士の者です。依頼者の保有個人データの開示を求めます", "appointed"),
        ("高齢の義母に代わりお願いします。義母宛てのDMを止めてください", "appointed"),
        ("友人の代わりに書きます。友人のデータを見せてほしいそうです", "appointed"),
        ("社長から委任状を預かっております。社長個人の情報の開示をお願いします", "appointed"),
        ("息子（10歳）が勝手に登録しました。息子の情報を消してください", "legal"),
        ("小5の娘の会員登録を削除してください。母です", "legal"),
        ("成年後見人をしております。被後見人の情報の開示を請求します", "legal"),
        ("おばあちゃんの代理です。おばあちゃんの住所を直してください", "appointed"),
        ("祖父に頼まれました。祖父の会員登録を消してください。私は長男で、近所に住んでいます", "appointed"),
        ("ばあちゃんに頼まれたんやけど、ばあちゃん宛のカタログ止めたって", "appointed"),
        ("夫が入院中なので妻の私が代わって手続きします。夫の会員登録を退会にしてください", "appointed"),
        ("We are instructed by Ms Ada Quill. She requires disclosure of her personal data.", "appointed"),
        ("We act on behalf of our client, who wishes her data to be erased.", "appointed"),
        ("I am acting for my uncle. Please stop sending him your catalogues", "appointed"),
        ("My mum asked me to write to you, she wants her account deleted", "appointed"),
        ("My son (15) signed up without telling us. Delete his data please", "legal"),
        ("I'm the father of a twelve year old who registered. Please erase her account", "legal"),
        ("Under a power of attorney for my aunt I request disclosure of her data", "appointed"),
        ("As the attorney for Mr Cole I request a copy of his data", "appointed"),
        ("Instructed by my client I request that you cease using his data", "appointed"),
        ("My dad can't use computers so I write for him: please stop mailing him ads", "appointed"),
        ("I have been authorised by my wife to request a copy of her data", "appointed"),
        ("I'm a carer and Mrs Bell asked me to get her newsletter stopped", "appointed"),
    ],
)
def test_the_capacity_is_heard_when_somebody_acts_for_another(text: str, capacity: str) -> None:
    agent = hear_agent(text)
    assert agent is not None
    assert agent.capacity == capacity


@pytest.mark.parametrize(
    "text",
    [
        "退会したい",
        "母から教わって登録しました。退会したい",
        "夫の転勤で変わった住所の登録を直してください",
        "妻の勧めで入った会員の退会",
        "娘の誕生日に買いました。退会したいです",
        "弁護士です。自分のデータを開示してください",
        "母のかわりではなく本人です",
        "父のスマホを借りています。俺（本人）のデータの開示をお願いします",
        "妻に言われて退会することにしました",
        "未成年の情報はどう扱ってます？",
        "my mother told me about your shop. delete my account",
        "My husband registered me. Delete my data",
        "delete my account",
        "妻に言われて見直したら、私の住所が古いままでした。直してください",
        "息子に教わって書いています。私の情報を消してください",
        "母へのプレゼントを買いました。私の登録を退会したいです",
        "娘が登録を手伝ってくれました。私のアカウントを消してください",
        "弁護士に相談したうえで、私の情報の開示を請求します",
        "My son told me to ask: please delete my account",
        "I bought a gift for my mother with this account, now please close my account",
        "My wife says you can show me my data. Please do.",
        "My lawyer advised me to request a copy of my data",
        "My daughter helps me type. Please correct my address",
        "",
    ],
)
def test_no_agent_is_heard_when_somebody_writes_of_oneself(text: str) -> None:
    assert hear_agent(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("母の山田春子の代わりに開示を請求します", "山田春子"),
        ("on behalf of my mother Haruko Yamada", "Haruko Yamada"),
        ("We act for Mr Desmond Achebe, a customer", "Desmond Achebe"),
        ("母の代わりに", ""),
        ("on behalf of my father", ""),
    ],
)
def test_the_other_persons_name_is_kept_when_it_is_said_plainly(text: str, name: str) -> None:
    assert find_represented(text) == name


@pytest.mark.parametrize(("text", "said"), [("本人です", True), ("it's for myself", True), ("母です", False)])
def test_somebody_may_be_the_person_after_all(text: str, said: bool) -> None:
    assert says_self(text) is said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ms Petra Kohl, solicitor", True),
        ("Tom Reed, on behalf of Ann Reed", True),
        ("弁護士の相沢 徹です", True),
        ("上野恵(代理)", True),
        ("相沢 徹", False),
        ("Law Reed", False),
        ("弁護士の相沢です。自分の登録のことです。私の情報です", False),
    ],
)
def test_a_calling_beside_the_name_says_that_somebody_acts_for_another(text: str, said: bool) -> None:
    assert names_role(text) is said


@pytest.mark.parametrize(
    "text",
    [
        "アドレス帳に友達の住所も入れてたはずなので、それも含めて全部消去で。",
        "友人の名前で届いたことがあります。私の登録を見せてください",
        "彼女の電話番号も登録に残っていませんか",
    ],
)
def test_an_acquaintance_who_is_only_mentioned_is_not_acted_for(text: str) -> None:
    assert hear_agent(text) is None
    assert hear_agent("友人の代わりに連絡しています") is not None
