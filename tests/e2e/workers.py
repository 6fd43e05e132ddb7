"""The service worker of the round."""

# In one evaluation: the page's own policy forbids the eval behind wait_for_function.
WORKER_READY = """async () => {
  while (!navigator.serviceWorker.controller || !(await caches.match('/round/shell/')))
    await new Promise((again) => setTimeout(again, 50));
}"""
