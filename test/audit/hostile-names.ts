/** Names that a stranger could choose, made to harm whoever reads a page, a spreadsheet or a terminal. */
export const hostileNames = [
  '<img src=x onerror="document.title=\'harmed\'">',
  '</script><script>document.title="harmed"</script>',
  '<!--<script>',
  ']]><svg onload=alert(1)>',
  '=HYPERLINK("https://phish.example","Acme")',
  '+1-800 @SUM(A1)',
  'Acme \u202Egnp.exe',
  'Acme \u2066\u200F\u2069 GmbH',
  'شركة أكمي المحدودة',
  'אקמי בע"מ (Acme)',
  '🦀'.repeat(100),
  'x'.repeat(300),
  'Quote " & \' ` ${1} %s \\u003c',
  'line\u2028separator\u0000',
  'javascript:alert(1)',
  '__proto__',
];
