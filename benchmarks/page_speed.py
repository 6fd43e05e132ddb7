"""Measure how soon a tenant on a weak phone sees a page: 400 kb/s, 400 ms, processor 6 × slower.

`python -m benchmarks.page_speed [ADDRESS]` against a running portal; the default is the demo's.
Exits with 1 when a limit of the design is passed. Timings are measured here and never in tests.
"""

import statistics
import sys

from playwright.sync_api import Browser, sync_playwright

from portal.dev import browser as chromium

PAGES = ("/", "/file/", "/file/fault/water/", "/talk/", "/accounts/login/")
LCP = 3000  # ms
CLS = 0.02
RUNS = 5
NETWORK = {
    "offline": False,
    "latency": 400,  # ms
    "downloadThroughput": 400_000 / 8,  # bytes a second
    "uploadThroughput": 400_000 / 8,
}
WATCH = """window.lcp = 0; window.cls = 0;
new PerformanceObserver(l => l.getEntries().forEach(e => { window.lcp = e.startTime; }))
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(l => l.getEntries().forEach(e => { window.cls += e.value; }))
  .observe({type: 'layout-shift', buffered: true});"""


def measure(browser: Browser, address: str) -> tuple[float, float]:
    """Return largest paint in ms and layout shift of one first visit, with nothing cached."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="fr-FR")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    page.add_init_script(WATCH)
    page.goto(address, wait_until="networkidle", timeout=60_000)
    page.wait_for_function("window.lcp > 0", timeout=60_000)
    found = page.evaluate("[window.lcp, window.cls]")
    context.close()
    return found[0], found[1]


def main(url: str = "http://127.0.0.1:8000") -> int:
    beyond = 0
    print(f"{'page':<24}{'LCP, median ms':>16}{'worst':>8}{'CLS':>8}   limits {LCP} ms, {CLS}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        for path in PAGES:
            runs = [measure(browser, url + path) for _run in range(RUNS)]
            paint = statistics.median(run[0] for run in runs)
            worst, shift = max(run[0] for run in runs), max(run[1] for run in runs)
            missed = paint > LCP or shift > CLS
            beyond += missed
            mark = "  beyond" if missed else ""
            print(f"{path:<24}{paint:>16.0f}{worst:>8.0f}{shift:>8.3f}{mark}")
        browser.close()
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
