import { defineConfig } from 'vitest/config';
import type { Reporter, TestModule } from 'vitest/node';

/** The last line says how many tests passed and failed, for people and for scripts. */
const summary: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    const isEmpty = (module: TestModule): boolean => [...module.children.allTests()].length === 0;
    const broken = modules.filter((module) => module.state() === 'failed' && isEmpty(module));
    const failed = tests.filter((test) => test.result().state === 'failed').length + broken.length;
    console.log(`${passed} passed, ${failed} failed`);
  },
};

// The server may send no inline script and no data: font (its content security policy), so nothing is inlined. Files
// name each other by relative paths, so that the page also works behind a proxy's path prefix.
export default defineConfig({
  base: './',
  build: {
    outDir: '../artifacts/web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ['chrome123', 'firefox121', 'safari17.5'],
    cssMinify: true,
  },
  server: {
    // The server answers to its own name only.
    proxy: { '/api': { target: 'http://127.0.0.1:4678', ws: true, changeOrigin: true, rewriteWsOrigin: true } },
  },
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    reporters: ['dot', summary],
  },
});
