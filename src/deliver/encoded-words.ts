/** Bytes of UTF-8 that an encoded word of 75 characters holds, as RFC 2047 bounds it. */
const longestWord = 45;

/**
 * A text as the value of a header that is no address: as it is where it is printable ASCII without quotes, else in encoded words, as RFC
 * 2047 has them. What looks like an encoded word is encoded too, so that it is read as it was written.
 */
export function encodeWords(text: string): string {
  if (/^[\x20\x21\x23-\x7e]*$/.test(text) && !text.includes('=?')) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text.toWellFormed()) {
    if (Buffer.byteLength(word + character) > longestWord) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((one) => `=?UTF-8?B?${Buffer.from(one).toString('base64')}?=`).join(' ');
}
