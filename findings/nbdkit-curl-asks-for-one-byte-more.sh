#!/usr/bin/env bash
# nbdkit's curl plugin asks a web server for one byte more than the client of the disk wants: the end of an HTTP range is inclusive
# (RFC 9110), and the plugin names the byte behind the last one. So a read of the last sector of a disk asks for a byte that does not
# exist, and every read of whole blocks is a request for 4097 bytes, 512 KiB + 1, ...
#
# Seen: nbdkit 1.32.5, libcurl 7.88.1.
# Why it matters: who serves disk images to it must cut ranges at the end of the file, as the RFC allows clients to expect; a small
# server that takes the end as it is announces too many bytes, and exactly the last sectors of every disk can't be read. A cache in
# front of it that keeps blocks fetches two for each.
. "$(dirname "$0")/lib/try.sh"
for program in nbdkit qemu-io python3; do command -v $program >/dev/null || cannot "apt-get install nbdkit qemu-utils python3"; done
cd "$work" || exit 2
head -c 65536 /dev/urandom >disk
cat >server.py <<'PYTHON'
import http.server, os, re
class Disk(http.server.BaseHTTPRequestHandler):
    def log_message(self, *words): pass
    def do_HEAD(self): self.answer(False)
    def do_GET(self): self.answer(True)
    def answer(self, body):
        size = os.path.getsize('disk')
        asked = self.headers.get('Range')
        if asked: open('ranges', 'a').write(asked + '\n')
        first, last = map(int, re.match(r'bytes=(\d+)-(\d+)', asked).groups()) if asked else (0, size - 1)
        last = min(last, size - 1)
        self.send_response(206 if asked else 200)
        self.send_header('Accept-Ranges', 'bytes')
        self.send_header('Content-Length', str(last - first + 1))
        if asked: self.send_header('Content-Range', f'bytes {first}-{last}/{size}')
        self.end_headers()
        if body:
            with open('disk', 'rb') as disk:
                disk.seek(first)
                self.wfile.write(disk.read(last - first + 1))
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Disk)
open('port.new', 'w').write(str(server.server_port)); os.rename('port.new', 'port')
server.serve_forever()
PYTHON
python3 server.py & server=$!
for _ in $(seq 100); do [ -e port ] && break; sleep 0.1; done
# ranges OFFSET LENGTH: what the server is asked for while a client reads this
ranges() {
  rm -f ranges
  nbdkit -r -U - curl url="http://127.0.0.1:$(cat port)/disk" --run "qemu-io -r -f raw -c 'read $1 $2' \"\$uri\"" >read.log 2>&1 ||
    cannot "$(tail -1 read.log)"
  grep -q "read $2/$2 bytes" read.log && tail -1 ranges
}
same "asked for, of 4096 bytes at 8192" "$(ranges 8192 4096)" "bytes=8192-12288"
same "asked for, of the last 512 bytes of 65536" "$(ranges 65024 512)" "bytes=65024-65536"
kill $server
verdict
