#!/bin/bash
# A client that is not ours talks to the whole server: python3-hl7 of Debian, its library and its command mllp_send.
# python_hl7.sh SOSIE
set -u
SAY_WHO=python-hl7
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/own_server.sh"
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
python=/usr/bin/python3 # Debian's, for which the package is

if ! "$python" -c 'import hl7.client' 2>/dev/null; then
    echo "python3-hl7 is not installed: ./dev test installs it"
    exit 77
fi

own_server_begin "$(realpath "$1")" 0
conf_write pdq.visits yes
server_up
for domain in CHU:990000018 CLINIQUE:990000026; do
    sosie domain add "${domain%:*}" --finess "${domain#*:}" --kind hospital >"$VAR/out" 2>&1 || fail "domain: $(cat "$VAR/out")"
done
port=$(conf_get mllp.port)

"$python" "$here/python_hl7.py" "$port" || fail "the client of python3-hl7"

# its command: a file of messages in, the answers out
printf 'MSH|^~\\&|GAM|CHU|SOSIE|REGION|20260302080000||ADT^A28^ADT_A05|F%s|P|2.5||||||UNICODE UTF-8\rPID|1||9%s^^^CHU^PI||FILE^%s^^^^^L||19900101|F\r' \
    1 1 ANNE 2 2 LISE >"$VAR/messages.hl7"
mllp_send --port "$port" --file "$VAR/messages.hl7" --loose 127.0.0.1 >"$VAR/answers" 2>"$VAR/err" || fail "mllp_send: $(cat "$VAR/err")"
[ "$(tr '\r' '\n' <"$VAR/answers" | grep -c '^MSA|AA|F[12]')" -eq 2 ] || fail "mllp_send was answered: $(tr '\r' '\n' <"$VAR/answers")"
exit $failed
