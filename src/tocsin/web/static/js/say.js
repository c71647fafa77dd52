// What scripts say, in the page's language: say("in {1}", "3 h"). English is written here; <html data-words> has the rest.
(() => {
  const words = JSON.parse(document.documentElement.dataset.words || "{}");
  window.say = (text, value = "") => (words[text] || text).replace("{1}", value);
})();
