#!/usr/bin/env python3
"""Writes the stubs by which an executable's shared libraries are loaded at the first call; cmake/LateLibraries.cmake
tells what for.

usage: make_stubs.py OUT.s --archives A.a… --libraries L.so…

For every function that the archives leave undefined and one of the libraries has:

    NAME:  jmp *slot            the slot holds `load` until the first call, the function's address from then on
    load:  push $INDEX          and to todoku_late_enter, which keeps the registers of arguments, has
           jmp …_enter          todoku_late_resolve(INDEX) fill the slot, and goes on to the function as if called

Symbols are hidden: the libraries themselves find each other's functions as ever.
"""

import argparse
import os
import re
import subprocess

ENTER = """
todoku_late_enter:
\tpushq %rax
\tpushq %rdi
\tpushq %rsi
\tpushq %rdx
\tpushq %rcx
\tpushq %r8
\tpushq %r9
\tpushq %r10
\tsubq $128, %rsp
{save}
\tmovl 192(%rsp), %edi
\tcall todoku_late_resolve
\tmovq %rax, %r11
{restore}
\taddq $128, %rsp
\tpopq %r10
\tpopq %r9
\tpopq %r8
\tpopq %rcx
\tpopq %rdx
\tpopq %rsi
\tpopq %rdi
\tpopq %rax
\taddq $8, %rsp
\tjmp *%r11
"""

STUB = """
\t.globl {name}
\t.hidden {name}
\t.type {name}, @function
{name}:
\tjmp *.Lslot{index}(%rip)
.Lload{index}:
\tpushq ${index}
\tjmp todoku_late_enter
"""


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def undefined(archives):
    lines = (line.split() for line in run("nm", "-u", "--format=posix", *archives).splitlines())
    return {line[0] for line in lines if len(line) >= 2 and line[1] == "U"}


def functions(library):
    names = set()
    for line in run("nm", "-D", "--defined-only", "--format=posix", library).splitlines():
        name, kind = line.split()[:2]
        if kind in "TWi" and name not in ("_init", "_fini"):
            names.add(name.split("@")[0])
    return names


def soname(library):
    found = re.search(r"\(SONAME\).*\[(.*)\]", run("readelf", "-d", library))
    return found.group(1) if found else os.path.basename(library)


def stubs(names, libraries):
    """names: [(function, index of library)]"""
    registers = range(8)
    yield "\t.text\n"
    yield ENTER.format(
        save="\n".join(f"\tmovups %xmm{i}, {16 * i}(%rsp)" for i in registers),
        restore="\n".join(f"\tmovups {16 * i}(%rsp), %xmm{i}" for i in registers),
    )
    for index, (name, _) in enumerate(names):
        yield STUB.format(name=name, index=index)
    for symbol in ("todoku_late_slots", "todoku_late_symbols", "todoku_late_libraries"):
        yield f"\t.globl {symbol}\n\t.hidden {symbol}\n"
    yield "\n\t.data\n\t.balign 8\ntodoku_late_slots:\n"
    for index in range(len(names)):
        yield f".Lslot{index}:\t.quad .Lload{index}\n"
    yield '\n\t.section .data.rel.ro, "aw"\n\t.balign 8\ntodoku_late_symbols:\n'
    for index, (_, library) in enumerate(names):
        yield f"\t.quad .Lname{index}, {library}\n"
    yield "todoku_late_libraries:\n"
    for index in range(len(libraries)):
        yield f"\t.quad .Llibrary{index}\n"
    yield "\n\t.section .rodata\n"
    for index, (name, _) in enumerate(names):
        yield f'.Lname{index}:\t.asciz "{name}"\n'
    for index, library in enumerate(libraries):
        yield f'.Llibrary{index}:\t.asciz "{library}"\n'
    yield '\n\t.section .note.GNU-stack, "", @progbits\n'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--archives", nargs="+", required=True)
    parser.add_argument("--libraries", nargs="+", required=True)
    arguments = parser.parse_args()
    wanted = undefined(arguments.archives)
    libraries = list(dict.fromkeys(arguments.libraries))
    names = []
    for index, library in enumerate(libraries):
        found = sorted(wanted & functions(library))
        wanted -= set(found)
        names += [(name, index) for name in found]
    os.makedirs(os.path.dirname(arguments.out), exist_ok=True)
    with open(arguments.out, "w") as out:
        out.writelines(stubs(names, [soname(library) for library in libraries]))


if __name__ == "__main__":
    main()
