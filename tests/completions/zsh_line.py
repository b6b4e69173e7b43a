"""zsh_line.py FOLDER LINE: types LINE and a tab into an interactive zsh whose completions are in FOLDER, and prints what the line has
become, without blanks around it. Exit status: 0, or 1 when zsh gives no answer."""
import os
import pty
import re
import select
import sys

folder, line = sys.argv[1:]
process, terminal = pty.fork()
if process == 0:
    os.environ.update(TERM="dumb", PS1="", LC_ALL="C.UTF-8")
    os.execvp("zsh", ["zsh", "-f", "-i"])


def said(pattern):
    text = b""
    while not (match := re.search(pattern, text, re.S)):
        if not select.select([terminal], [], [], 60)[0]:
            sys.exit(f"zsh does not answer, but has said {text!r}")
        text += os.read(terminal, 4096)
    return match[1]


# The line is printed by a key of its own: what the terminal shows is drawn and drawn over.
os.write(terminal, f"""
unsetopt prompt_cr prompt_sp beep; setopt no_auto_list; fpath=({folder} $fpath)
autoload -Uz compinit; compinit -u -D
show() {{ print -r -- "<<""$BUFFER"">>"; BUFFER=; }}; zle -N show; bindkey '^X' show; print rea''dy
""".encode())
said(rb"(ready)\r")
os.write(terminal, line.encode() + b"\t\x18")
print(said(rb"<<([^>]*)>>").decode().strip())
os.close(terminal)
os.waitpid(process, 0)
