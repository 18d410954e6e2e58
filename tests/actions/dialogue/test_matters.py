"""What a message tells: faults, situations, grievances, mailings that shall end, and what only asks beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue.matters import (
    accuses,
    asks_generally,
    close_gaps,
    find_topic,
    is_impatient,
    is_thin,
    measure_matter,
    raises_concern,
    states_fault,
    stops_mailings,
    tells_situation,
    wants_mended,
)


@pytest.mark.parametrize(
    "text",
    [
        "名前がちがってます。なおせますか？",
        "わたしの たんじょうび、まちがいです。なおして もらうこと できますか",
        "登録の電話番号が前のままです。変更できますか？",
        "会員情報の姓が旧姓のままなんですが、直せますか？",
        "うちの住所が間違って登録されてるみたい。直すことは可能ですか",
        "生年月日が1年ずれています。修正してもらうことは可能でしょうか",
        "メールアドレス、もう使ってないやつになってる。かえれる？",
        "届け先の番地が違ってました。直りますか？",
        "ミドルネームが抜けて登録されています。足せますか。",
        "My surname is spelled wrong in my account. Can you fix it?",
        "In my profile the birthday is not right, it says 1979. Is it possible to change?",
        "You have my old phone number. Can it be updated?",
        "my adress has mistake in it, you can repair this?",
        "There is error in my data: the house number is 12 not 21. How I can change?",
        "I moved last month and your records still show the old flat. Could that be changed?",
        "Hi, my email on file is dead. Can I get it swapped for a new one?",
    ],
)
def test_a_fault_that_shall_be_mended_is_stated(text: str) -> None:
    assert states_fault(text)
    assert wants_mended(text)


@pytest.mark.parametrize(
    "text",
    [
        "来月日本を出ます。会員をやめることできますか。",
        "もう買い物しないから会員やめたい。できますか？",
        "すみません、私は今月で引っ越します。退会したいです。どうしますか。",
        "メールが毎日来て困っています。止められますか？",
        "毎日広告メールが来ます。やめること、できますか",
        "迷惑なメルマガが週に5回も届きます。止めることはできますか？",
        "自分が何を登録したか覚えていません。見せてもらうことできますか",
        "I get your newsletter every day although I never asked. Can this be stopped?",
        "I am leaving Japan in March. I want to quit membership. What should I do?",
        "I don't remember what I gave you when I registered. Can I see it?",
    ],
)
def test_somebody_tells_a_situation_before_asking_for_what_can_be_done(text: str) -> None:
    assert tells_situation(text)


@pytest.mark.parametrize(
    "text",
    [
        "退会したいのですがどうすればいいですか",
        "退会の方法を教えてください",
        "登録情報はどうやって直すんですか",
        "もし住所が間違っていたら直せますか？",
        "開示請求はどうすればできますか",
        "メルマガの止め方は？",
        "自分の個人情報を見ることはできますか",
        "名前を変えたい場合はどうするの",
        "訂正できる情報は何ですか",
        "データを消してほしいときはどこに連絡すればいい？",
        "How can I have my data deleted?",
        "Can I see what data you have?",
        "What happens if my address is wrong?",
        "Is it possible to correct my data?",
        "How do I unsubscribe?",
        "Where can I change my address?",
        "I want to know how to delete my account",
        "Do you fix wrong addresses?",
        "If my phone number changes, what do I have to do?",
        "Can customers ask for a copy of their data?",
        "誕生日が間違ってた場合の直し方は？",
        "I might want my details removed one day. What are the steps?",
        "住所変更ってどうやるの?自分でできる?",
    ],
)
def test_a_question_of_procedure_tells_nothing(text: str) -> None:
    assert not states_fault(text)
    assert not tells_situation(text)


@pytest.mark.parametrize(
    "text",
    [
        "個人情報のことで相談したいことがあるのですが",
        "ちょっと相談したいんやけど、情報の扱いのことで",
        "聞いてほしいことがあるんです、私の個人情報のことで",
        "情報の取り扱いについて言いたいことがあります",
        "個人情報の扱いで納得いかないことがあって連絡しました",
        "登録してから知らない番号の電話が増えました。おたくから漏れたんじゃないですか",
        "そちらに登録したアドレスに、急に詐欺メールが来るようになりました",
        "私の荷物が全然知らない人の家に届いていたそうです。名前も住所も見られました",
        "他の人の注文確認メールが私に届きました。これ大丈夫なんですか",
        "レジで店員が私の電話番号を大声で読み上げました。すごく嫌でした",
        "同姓同名の他人に私の購入履歴を送ったそうじゃないですか",
        "お店のスタッフが私の住所を別のお客に教えた",
        "会員登録した覚えがないのに会員になってるんです。どういうことですか",
        "断ったのに勝手に会員登録された",
        "不正ログインされたかもしれなくて怖いです",
        "見に覚えのない注文履歴があります。誰かが私の情報を使っています",
        "宛名に別人の名前が書いてある納品書が入ってた。どうなってるんだ",
        "個人情報の管理がずさんすぎる。責任者に伝えたい",
        "先日の対応、個人情報を軽く扱っていてがっかりしました。話を聞いてください",
        "おたくの個人情報の扱い、どないなってまんねん。ひとこと言わせてもらいたい",
        "うちの電話番号がよそに知れ渡っとる。登録したんはお宅だけじゃ",
        "アルバイトの子が私のインスタに連絡してきたんです。名前を会員情報から見たって",
        "I have a concern about how you handled my data.",
        "I'd like to raise an issue regarding my personal information",
        "Can I talk to somebody about my privacy? Something happened at your shop.",
        "Your staff member read my phone number out loud in front of everyone.",
        "my invoice was in another customers parcel, with my address and everything",
        "I received an e-mail meant for another customer, with her name and address in it",
        "Since I registered with you I get scam calls every day. Nobody else has this number.",
        "You sent my order details to the wrong person.",
        "Somebody logged in to my account and I am scared",
        "I want to report that your clerk looked up my number and texted me",
        "An employee of yours told my ex where I live",
        "the address I gave only to you is now on a spam list. explain yourselves",
        "I never signed up and still you have my account. How did that happen?",
        "I am not happy with what your shop did with my information",
        "This is about the careless way you treated my personal data",
        "You published my full name with my review without asking me",
    ],
)
def test_a_grievance_is_heard_without_the_word_for_it(text: str) -> None:
    assert accuses(text) or raises_concern(text)


@pytest.mark.parametrize(
    "text",
    [
        "個人情報が漏れたらどう対応しますか",
        "苦情の窓口はどこですか",
        "相談窓口はありますか",
        "不正アクセスへの対策はしていますか",
        "従業員の教育はしていますか",
        "迷惑メールは来ますか",
        "荷物が届かないので相談したい",
        "サイズのことで相談したいです",
        "プレゼントの相談に乗ってほしい",
        "店員の態度が悪かった",
        "What do you do if data leaks?",
        "Who handles complaints?",
        "Do your staff get training?",
        "I'd like advice on which coat to buy",
        "My parcel went to the wrong address, where is it?",
        "How do you protect my data?",
        "Have you ever had a data leak?",
        "Is my data safe with you?",
        "Do you notify people of a data leak within 72 hours?",
        "個人情報が漏れたらどうなりますか",
    ],
)
def test_a_question_or_a_matter_of_goods_is_no_grievance(text: str) -> None:
    assert not accuses(text)
    assert not raises_concern(text)


@pytest.mark.parametrize(
    "text",
    [
        "父宛てのカタログとDMの送付を止めてもらえますか",
        "母あてのハガキ、もう送らないでもらえますか",
        "亡くなった夫宛てに届くDMを止めてください",
        "営業の電話をやめてもらえますか",
        "SMSの配信やめてほしい",
        "カタログいらないんで送らないでもらっていいですか",
        "紙の広告を送るのをやめてもらえませんか？",
        "電話勧誘やめてくれへん？",
        "お知らせメール、もうけっこうです",
        "DMとめてもらえる？",
        "チラシの郵送を中止していただくことは可能でしょうか。もう読みません",
        "セールの案内が多すぎるので配信を切ってください",
        "クーポンメールいらん、とめて",
        "毎週くる電話、なんとか止めてもらえませんか",
        "LINEの通知を送ってこないでください",
        "ダイレクトメールのあて名リストからはずしてください",
        "宣伝のメールは今後一切お断りします",
        "祖母のところに毎月カタログが来ます。止めてあげてください",
        "もう手紙をよこさないで",
        "カタログの発送を停止していただきたく連絡しました",
        "広告メールの送信先から私を外して下さい",
        "Could you stop the catalogues that come for my late father?",
        "please no more text messages",
        "stop calling me",
        "Please take my grandmother off your mailing list",
        "I don't want your letters any more",
        "Can you stop sending DMs to my mother?",
        "kindly discontinue the promotional e-mails",
        "quit emailing me",
        "Enough with the ads. Take me off.",
        "No more catalogs please",
        "Please halt all marketing calls to this household",
        "pls stop newsletter",
        "remove me from the mailing list",
        "I'd like to stop getting your flyers",
        "Your SMS messages must stop.",
        "閲覧履歴を使ったおすすめを止めてほしい",
    ],
)
def test_mailings_that_shall_end_are_heard(text: str) -> None:
    assert stops_mailings(text)


@pytest.mark.parametrize(
    "text",
    [
        "注文の発送を止めてもらえますか",
        "電話番号は何番ですか",
        "DMは送りますか",
        "カタログを送ってください",
        "メルマガを登録したい",
        "Please send me a catalogue",
        "Can you stop my delivery?",
        "Do you send newsletters?",
        "電話での注文はやめましたか",
        "広告には何を使いますか",
        "配信停止に三か月もかかりやがって",
    ],
)
def test_other_things_that_shall_end_are_no_mailings(text: str) -> None:
    assert not stops_mailings(text)


@pytest.mark.parametrize(
    "text", ["メルマガの止め方教えて", "頼んだら止めてくれるの?", "How do I unsubscribe?", "what if I stop the mails"]
)
def test_how_something_is_done_is_asked_generally(text: str) -> None:
    assert asks_generally(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("どこに漏らしたんだよ", True),
        ("You leaked my address", True),
        ("個人情報が漏れたらどうなりますか", False),
        ("I hate this shop", False),
    ],
)
def test_an_accusation_is_told_from_anger(text: str, found: bool) -> None:
    assert accuses(text) is found


def test_a_fault_is_stated_when_a_question_follows_it() -> None:
    assert states_fault("My name in your files is not correct. How do I change it?")
    assert not states_fault("What if my name is wrong?")
    assert not states_fault("誕生日が間違ってた場合の直し方は？")


def test_a_matter_is_more_than_the_name_of_a_right() -> None:
    assert measure_matter("個人情報の開示を請求したいのですが。") < 4 <= measure_matter("住所と購入の記録が見たい")
    assert measure_matter("please delete my account") < 8 <= measure_matter("delete the orders of last winter")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("早く消して", True),
        ("言い訳とかどうでもいい。やめろと言ってるんだ", True),
        ("delete my data now", True),
        ("How many times do I have to say UNSUBSCRIBE?", True),
        ("先週の火曜に渋谷の店で名前を大声で読み上げられた", False),
        ("早く引っ越しの前の住所を消してほしい", False),
        ("My manager at the old office still gets your letters", False),
    ],
)
def test_impatience_is_told_from_a_matter(text: str, found: bool) -> None:
    assert is_impatient(text) is found


def test_what_is_written_here_is_asked_after() -> None:
    assert find_topic("ここに書いた話が店長に知られることはありますか") == "topic_safety"
    assert find_topic("Is it safe to write here?") == "topic_safety"
    assert find_topic("先月の注文の話をしたい") == ""


def test_a_short_answer_tells_little() -> None:
    assert is_thin("メールが毎日来ます")
    assert is_thin("You mail me every day")
    assert not is_thin("先月の十日に新宿の店で試着したあと、会計のときに店員さんに大きな声で住所を読み上げられました")
    assert not is_thin("On the tenth of last month your clerk read my address out loud in the shop")


def test_blanks_between_japanese_words_are_closed() -> None:
    assert close_gaps("ぼくの なまえ、 まちがい") == "ぼくのなまえ、まちがい"
    assert close_gaps("my name is wrong") == "my name is wrong"


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    for read in (states_fault, tells_situation, accuses, raises_concern, stops_mailings, asks_generally):
        assert read(text) in {True, False}
