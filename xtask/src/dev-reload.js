// Loads the page again when the site was built anew.
let built;
setInterval(async () => {
  try {
    const answer = await fetch("/pkg/dev-reload.txt", { cache: "no-store" });
    if (!answer.ok) return;
    const now = await answer.text();
    built ??= now;
    if (now !== built) location.reload();
  } catch {
    // The server starts anew: ask again.
  }
}, 500);
