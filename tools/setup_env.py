"""Set up .venv from requirements.lock; run by `make env` with any Python, even a too old one (which it refuses).

With --cpu-torch (Linux without a GPU) torch and torchvision come from PyTorch's CPU index, and the CUDA packages are left out.
"""
import os
import re
import shutil
import subprocess
import sys

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
CUDA_ONLY = re.compile(r"(nvidia-|cuda-|triton)")

if sys.version_info < (3, 11):
    sys.exit("emorec needs Python 3.11 or newer (tested with 3.11); this is Python %d.%d at %s.\n"
             "Install a newer one and name it: make env PYTHON=python3.11" % (*sys.version_info[:2], sys.executable))


def run(*words):
    print("+", " ".join(words), flush=True)
    if subprocess.call(words) != 0:
        sys.exit("set-up failed at: %s\nRun make again; what was installed so far is kept." % " ".join(words))


def install_fast(python, pip, wanted):
    """Whether uv did it, in a minute where pip takes four. Of pip's settings it is told the index; where that is not enough it fails."""
    if os.environ.get("PIP_NO_INDEX") or subprocess.call(pip + ["uv>=0.5"]) != 0:
        return False
    told = subprocess.run([python, "-m", "pip", "config", "get", "global.index-url"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    index = os.environ.get("PIP_INDEX_URL") or told.stdout.decode().strip()
    cache = os.path.join(".venv", "uv-cache")  # on the same disk: files are linked, not copied
    words = [python, "-m", "uv", "pip", "install", "--quiet", "--native-tls", "--compile-bytecode", "--python", python]
    words += ["--cache-dir", cache, "-r", wanted]
    done = subprocess.call(words + (["--default-index", index] if index else [])) == 0
    shutil.rmtree(cache, ignore_errors=True)
    return done


def main():
    python = os.path.join(".venv", "Scripts" if os.name == "nt" else "bin", "python")
    if not os.path.exists(python):
        run(sys.executable, "-m", "venv", ".venv")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--progress-bar", "off"]
    with open("requirements.lock", encoding="utf8") as file:
        pins = [line for line in file if line.strip()]
    wanted = "requirements.lock"
    if "--cpu-torch" in sys.argv:
        torch = [line.split("#")[0].strip() for line in pins if re.match(r"torch(vision)?==", line)]
        run(*pip, "--index-url", CPU_INDEX, *torch)
        wanted = os.path.join(".venv", "requirements-cpu.lock")
        with open(wanted, "w", encoding="utf8") as file:
            file.writelines(line for line in pins if not CUDA_ONLY.match(line) and not re.match(r"torch(vision)?==", line))
    print("Installing about 170 packages from requirements.lock (several GB with CUDA's; 1 to 10 minutes) …", flush=True)
    if not install_fast(python, pip, wanted):
        print("Going on with pip, which takes longer.", flush=True)
        run(*pip, "-r", wanted)
    run(*pip, "--no-deps", "--no-build-isolation", "-e", ".")
    with open(os.path.join(".venv", "installed"), "w", encoding="utf8") as file:
        file.write("by tools/setup_env.py\n")


main()
