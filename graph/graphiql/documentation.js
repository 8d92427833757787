// Shows a page of the documentation as HTML. Without npm's markdown-it, its Markdown stays.

const main = document.querySelector("main");

if (window.markdownit) {
  main.innerHTML = window.markdownit().render(main.textContent);
  for (const heading of main.querySelectorAll("h1, h2, h3, h4")) {
    heading.id = toAnchor(heading.textContent);
  }
  // These lead to files of the repository, which are not served.
  main.querySelectorAll("a[href^='../']").forEach((link) => link.removeAttribute("href"));
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

/** Returns the anchor that GitHub gives to a heading. */
function toAnchor(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, "")
    .replaceAll(" ", "-");
}
