/** Monaco's work that would hold up the page: a worker for each language, from files of this page's own. */
self.MonacoEnvironment = {
  getWorker(_id, language) {
    switch (language) {
      case 'graphql':
        return new Worker(new URL('./workers/graphql.ts', import.meta.url), { type: 'module' });
      case 'json':
        return new Worker(new URL('./workers/json.ts', import.meta.url), { type: 'module' });
      default:
        return new Worker(new URL('./workers/editor.ts', import.meta.url), { type: 'module' });
    }
  },
};
