/**
 * What a browser sees: the samples of five WebSocket tutorials, taken out of their text and run in
 * Chromium with nothing but their URL changed, and the service's own chat page.
 */
@NullMarked
package dev.parley.browser;

import org.jspecify.annotations.NullMarked;
