// In: the page's address, ?station=…. Out: the view of that station; the links change the address and load nothing.
const STATIONS = new Map([
  ['valley', ['Valley', 'At 600 metres the snow lasts from December to March, and none of it sees the next winter.']],
  ['ridge', ['Ridge', 'At 2,400 metres the wind takes what falls. What stays in the hollows is firn by August.']],
  ['plateau', ['Plateau', 'At 3,200 metres it never melts. Sixty metres down lies the ice of two hundred years ago.']],
]);
const NONE = ['Choose a station', "Its name comes into the address, and the browser's back button knows it."];
const TITLE = document.title;

function show() {
  const station = STATIONS.get(new URL(location.href).searchParams.get('station'));
  const [name, text] = station ?? NONE;
  document.title = station ? `${name} – ${TITLE}` : TITLE;
  document.querySelector('#station h2').textContent = name;
  document.querySelector('#station p').textContent = text;
  for (const link of document.querySelectorAll('.stations a')) {
    link.setAttribute('aria-current', link.search === location.search ? 'page' : 'false');
  }
}

function follow(event) {
  if (event.target.matches('.stations a') && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    history.pushState(null, '', event.target.href);
    show();
  }
}

document.addEventListener('click', follow);
addEventListener('popstate', show);
show();
