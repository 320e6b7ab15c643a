import { expect, test } from '../support/test';

interface Manifest {
  startUrl: string;
  icons: Array<{ url: string; sizes: string }>;
  shortcuts: Array<{ url: string }>;
}

test('a browser finds nothing that keeps it from installing the site', async ({ member }) => {
  const ada = await member('ada');
  await ada.goto('/');
  await expect.poll(() => ada.evaluate(() => Boolean(navigator.serviceWorker.controller))).toBe(true);
  const session = await ada.context().newCDPSession(ada);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // Every browser of a test is one that forgets.
  expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual(['in-incognito']);

  const answer = await session.send('Page.getAppManifest');
  expect(answer.errors).toEqual([]);
  const { startUrl, icons, shortcuts } = (answer as unknown as { manifest: Manifest }).manifest;
  for (const { url } of [{ url: startUrl }, ...shortcuts]) {
    expect((await ada.goto(url))?.status(), url).toBe(200);
  }
  const sized = icons.filter(({ sizes }) => sizes !== '0x0');
  expect(sized.map(({ sizes }) => sizes)).toEqual(['192x192', '512x512', '512x512']);
  for (const { url, sizes } of sized) {
    const size = await ada.evaluate(async (path) => {
      const { width, height } = await createImageBitmap(await (await fetch(path)).blob());
      return `${width}x${height}`;
    }, url);
    expect(size, url).toBe(sizes);
  }
});
