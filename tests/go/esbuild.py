# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A Go program that somebody else built and stripped: esbuild's binary, from its npm package, and something for it to do
that takes seconds. All of it in the build folder; nothing is installed, and no script of the package is run.
The binary has no symbols, and no .go.buildinfo either: that it is Go shows in its pclntab alone, and its version in the
string that runtime.buildVersion points to.

    build/go/esbuild/esbuild         the program
    build/go/esbuild/esbuild.json    its version
    build/go/esbuild/input/          modules that import each other, made up by a fixed rule

    python3 tests/go/esbuild.py      fetches it, makes the input, says where they are, or why not
"""

import glob
import json
import os
import platform
import shutil
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import lock  # noqa: E402 # behind the path that they are found by
from debian import Unavailable, run  # noqa: E402

PACKAGE = "@esbuild/linux-x64"
MODULES = 120
FUNCTIONS = 600  # a module


def _folder(build):
    return os.path.abspath(os.path.join(build, "go", "esbuild"))


def _fetch(folder):
    if platform.machine() != "x86_64":
        raise Unavailable(f"{PACKAGE} is not for {platform.machine()}")
    npm = shutil.which("npm")
    if not npm:
        raise Unavailable("no npm in PATH")
    pack = os.path.join(folder, "pack")
    shutil.rmtree(pack, ignore_errors=True)
    os.makedirs(pack)
    env = dict(os.environ, npm_config_cache=os.path.join(folder, "cache"))
    run(npm, "pack", PACKAGE, "--silent", "--pack-destination", pack, env=env)
    for path in glob.glob(os.path.join(pack, "*.tgz")):
        with tarfile.open(path) as archive:
            version = json.load(archive.extractfile("package/package.json"))["version"]
            with open(os.path.join(folder, "esbuild.new"), "wb") as file:
                shutil.copyfileobj(archive.extractfile("package/bin/esbuild"), file)
    shutil.rmtree(pack)
    os.chmod(os.path.join(folder, "esbuild.new"), 0o755)
    run(os.path.join(folder, "esbuild.new"), "--version")
    with open(os.path.join(folder, "esbuild.json"), "w", encoding="ascii") as file:
        json.dump({"package": PACKAGE, "version": version}, file)
    os.rename(os.path.join(folder, "esbuild.new"), os.path.join(folder, "esbuild"))


def _module(number):
    """Text of a TypeScript module that uses the two before it. Every function differs, so that nothing can be merged."""
    lines = [f"import * as m{other} from './m{other}';" for other in (number - 1, number - 2) if other >= 0]
    for f in range(FUNCTIONS):
        name = f"f{number}_{f}"
        lines.append(f"""
interface Box{f} {{ width: number; height?: number; label: `box-${{string}}` }}
export function {name}(box: Box{f}, times: number = {f}): string {{
    const parts: string[] = [];
    for (let i = 0; i < times && i < {number * FUNCTIONS + f}; i++) {{
        const area = box.width * (box.height ?? {f % 17}) + i;
        if (area % {f + 2} === 0) parts.push(`${{box.label}}:${{area}}`);
        else if (area > {number * 31 + f}) parts.unshift(box.label + ' "{name}" ' + area.toString(16));
    }}
    return parts.join(', ');
}}""")
    before = [other for other in (number - 1, number - 2) if other >= 0]
    uses = ", ".join(f"m{other}.f{other}_0({{ width: 1, label: 'box-{other}' }})" for other in before)
    names = ", ".join(f"f{number}_{f}" for f in range(FUNCTIONS))
    lines.append(f"export const all{number} = [{uses}].concat(Object.keys({{ {names} }}));")
    return "\n".join(lines) + "\n"


def _make_input(folder):
    new = os.path.join(folder, "input.new")
    shutil.rmtree(new, ignore_errors=True)
    os.makedirs(new)
    for number in range(MODULES):
        with open(os.path.join(new, f"m{number}.ts"), "w", encoding="ascii") as file:
            file.write(_module(number))
    with open(os.path.join(new, "main.ts"), "w", encoding="ascii") as file:
        for number in range(MODULES):
            file.write(f"import * as m{number} from './m{number}'; console.log(m{number});\n")
    os.rename(new, os.path.join(folder, "input"))


def fetch(build):
    """Path of the program. Raises Unavailable."""
    folder = _folder(build)
    program = os.path.join(folder, "esbuild")
    with lock.locked(os.path.join(folder, "lock")):
        if not os.access(program, os.X_OK):
            _fetch(folder)
    return program


def command(build, output=os.devnull):
    """argv that keeps every P busy for seconds: bundles and minifies the input. Raises Unavailable."""
    program = fetch(build)
    folder = _folder(build)
    with lock.locked(os.path.join(folder, "lock")):
        if not os.path.exists(os.path.join(folder, "input", "main.ts")):
            _make_input(folder)
    return [program, "--bundle", "--minify", "--sourcemap=inline", "--log-level=error", f"--outfile={output}",
            os.path.join(folder, "input", "main.ts")]


def main():
    try:
        argv = command(os.environ.get("BUILD", "build"))
    except Unavailable as why:
        print(f"esbuild: skipped: {why}")
        return
    print(" ".join(argv))


if __name__ == "__main__":
    main()
