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

const place = document.getElementById('app');
if (place === null) {
  throw new Error('The page has no place for the application.');
}

const app = new App();
bindKeys(app.keys, () => singleKeys.value);
render(<Page app={app} />, place);
