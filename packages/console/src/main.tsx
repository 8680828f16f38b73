import { render } from 'preact';
import { App } from './app/App.tsx';
import { openServices } from './app/services.ts';
import './style/tokens.css';
import './style/base.css';
import './style/frame.css';
import './style/controls.css';
import './style/lists.css';
import './style/parts.css';

/** This file lies in a folder beside the page: so the page works below whatever prefix, at any depth. */
const base = new URL(/* @vite-ignore */ '..', import.meta.url);
// The page's path moves on, and its icon stays where it is.
const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
icon?.setAttribute('href', icon.href);
const root = document.getElementById('console');
if (root) render(<App services={openServices(base)} />, root);
