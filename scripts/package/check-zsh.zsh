# Types words and tabs into an interactive zsh with the completion of an installation, and compares what it makes of them.
# Usage: zsh -f check-zsh.zsh DIRECTORY    the directory that has _mdfuse
zmodload zsh/zpty
zpty shell 'PS1="> " TERM=dumb zsh -f -i'
type() { zpty -wn shell "$1"; }
answer() { # answer PATTERN: what the shell has printed once the pattern appears, ten seconds at most
  local part= all= try
  for try in {1..100}; do
    while zpty -rt shell part; do all+=$part; done
    [[ $all == $~1 ]] && break
    sleep 0.1
  done
  print -r -- "$all"
}
type "unsetopt zle; unset zle_bracketed_paste; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; setopt zle; echo REA''DY"$'\n'
[[ $(answer '*READY*') == *READY* ]] || { print -u2 "zsh: compinit fails"; exit 1; }
failed=0
check() { # check TYPED COMPLETED
  type $'\C-u'"$1"$'\t'
  local all=${"$(answer "*$2*")"//$'\r'/}
  if [[ $all != *"$2"* || $all == *'not found'* ]]; then print -u2 "zsh: $1 became: $all"; failed=1; fi
}
check 'mdfuse exam' 'mdfuse examine '
check 'mdfuse examine --ma' '--map '
check 'mdfuse mount --journal-mode write-b' 'write-back '
check 'mdfuse examine /etc/hostn' '/etc/hostname'
zpty -d shell
exit $failed
