import './styles/tokens.css';
import './styles/page.css';
import './styles/tracks.css';
import './styles/panels.css';
import './styles/tables.css';
import './styles/grid.css';
import './styles/past.css';
import './styles/access.css';
import './styles/narrow.css';
import { render } from 'preact';
import { App } from './app';
import { bindKeys } from './keys';
import { Page } from './panels/page';
import { singleKeys } from './settings';
import { dialog } from './state';

const place = document.getElementById('app');
if (place === null) {
  throw new Error('The page has no place for the application.');
}

const app = new App();
// Behind an open dialog nothing acts, also while it is still being fetched: what is typed is meant for it.
bindKeys(app.keys, (name, isSingle) => {
  const isDialogUp = dialog.value !== null && document.querySelector('dialog:not([open])') === null;
  return (!isDialogUp || name === 'Esc') && (!isSingle || singleKeys.value);
});
render(<Page app={app} />, place);
