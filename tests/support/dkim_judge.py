"""Whether each DKIM-Signature of the mail on standard input is good, by dkimpy: a JSON list, the first signature first.

    dkim_judge.py NAME=TEXT...

What DNS says is in the arguments.
"""

import json
import re
import sys

import dkim

records = dict(argument.encode().split(b"=", 1) for argument in sys.argv[1:])
mail = sys.stdin.buffer.read()
header = mail.split(b"\r\n\r\n", 1)[0]
count = len(re.findall(rb"(?im)^dkim-signature[ \t]*:", header))


def good(number):
    try:
        return dkim.DKIM(mail).verify(idx=number, dnsfunc=lambda name, timeout=5: records.get(name))
    except dkim.DKIMException:
        return False


print(json.dumps([good(number) for number in range(count)]))
