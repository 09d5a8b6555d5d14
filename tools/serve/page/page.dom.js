// Elements, made of data as text and never as markup: an id may look like HTML.

export const by = (id) => document.getElementById(id);

// make('a.link', {href: '#/'}, 'text', element, …): what follows the dots are classes; attributes
// that are null or false are left out, functions become listeners. Children that are null or false
// are left out as well.
export function make(what, attributes = {}, ...children) {
  const [tag, ...classes] = what.split('.');
  const made = document.createElement(tag);
  if (classes.length > 0) made.className = classes.join(' ');
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value);
    else if (value !== null && value !== false && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== false));
  return made;
}

// The text with those of its parts marked that are words of the search.
export function marked(text, words) {
  if (words.length === 0) return [text];
  const low = text.toLowerCase();
  // A letter whose lower case is longer would shift all that follows.
  if (low.length !== text.length) return [text];
  const parts = [];
  let from = 0;
  while (from < text.length) {
    let at = -1;
    let length = 0;
    for (const word of words) {
      const found = low.indexOf(word, from);
      if (found >= 0 && (at < 0 || found < at || (found === at && word.length > length))) {
        at = found;
        length = word.length;
      }
    }
    if (at < 0) break;
    if (at > from) parts.push(text.slice(from, at));
    parts.push(make('mark', {}, text.slice(at, at + length)));
    from = at + length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

export const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

// Addresses within the page: "#/", "#/POOL", "#/POOL/KIND/ID", every part percent-encoded.
export const addressOf = (...parts) => '#/' + parts.map(encodeURIComponent).join('/');

export function partsOf(hash) {
  try {
    return hash.replace(/^#\/?/, '').split('/').filter((part) => part !== '').map(decodeURIComponent);
  } catch {
    return [];  // not an address of ours
  }
}
