"""Run pyright over the mapped packages and refuse a run that analysed nothing."""

import json
import subprocess
import sys


def main() -> int:
    """Print what pyright found; exit 1 on errors or when it looked at too few files."""
    run = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson"],
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(run.stdout)
    for found in report["generalDiagnostics"]:
        line = found["range"]["start"]["line"] + 1
        print(f"{found['file']}:{line}: {found['severity']}: {found['message']}")
    summary = report["summary"]
    print(f"pyright: {summary['filesAnalyzed']} files, {summary['errorCount']} errors")
    # Pointed at links, pyright analyses nothing and reports success.
    return 1 if summary["errorCount"] or summary["filesAnalyzed"] < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
