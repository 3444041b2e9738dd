"""Mail domains that belong to everybody: whoever has a mailbox there is nobody's colleague."""

PUBLIC_MAIL = frozenset(
    """
    126.com 139.com 163.com aim.com alice.it aol.com arcor.de att.net bellsouth.net bigpond.com bluewin.ch
    blueyonder.co.uk bol.com.br btinternet.com charter.net comcast.net cox.net daum.net duck.com earthlink.net
    email.com fastmail.com fastmail.fm foxmail.com free.fr freenet.de frontier.com gmail.com gmx.at gmx.ch
    gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.es
    hotmail.fr hotmail.it hushmail.com icloud.com inbox.lv inbox.ru interia.pl juno.com kakao.com laposte.net
    libero.it list.ru live.co.uk live.com live.de live.fr live.nl mac.com mail.com mail.de mail.ru mailbox.org
    mailfence.com me.com msn.com naver.com neuf.fr ntlworld.com o2.pl online.de optonline.net optusnet.com.au
    orange.fr outlook.com outlook.de outlook.es outlook.fr pm.me posteo.de posteo.net proton.me protonmail.ch
    protonmail.com qq.com rambler.ru rediffmail.com riseup.net rocketmail.com runbox.com sapo.pt sbcglobal.net
    seznam.cz sfr.fr shaw.ca sina.com sky.com sohu.com startmail.com sympatico.ca t-online.de talktalk.net
    telenet.be terra.com.br tin.it tiscali.it tuta.com tuta.io tutamail.com tutanota.com ukr.net uol.com.br
    verizon.net virgilio.it virginmedia.com wanadoo.fr web.de windowslive.com wp.pl xs4all.nl ya.ru yahoo.ca
    yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.au yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.in
    yahoo.it yandex.com yandex.ru yeah.net ymail.com zoho.com zohomail.com
    """.split()  # noqa: SIM905 words are read more easily than quotes
)
