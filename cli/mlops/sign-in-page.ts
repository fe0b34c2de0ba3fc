/** The page that a browser opens first: it exchanges the token of the address for a cookie, and goes on to the console. */

const FOLDER = '/__mlops';
export const SIGN_IN_PATH = `${FOLDER}/`;
export const SIGN_IN_SCRIPT_PATH = `${FOLDER}/sign-in.js`;
export const SESSION_PATH = `${FOLDER}/session`;

export const SIGN_IN_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>MLOps console</title></head>
<body>
<p id="state" role="status">Opening the console …</p>
<noscript>The console needs JavaScript.</noscript>
<script src="${SIGN_IN_SCRIPT_PATH}"></script>
</body>
</html>
`;

export const SIGN_IN_SCRIPT = `const response = fetch('${SESSION_PATH}', { method: 'POST', body: location.hash.slice(1) });
response.then(
  ({ ok }) => {
    if (ok) location.replace('/console/');
    else document.getElementById('state').textContent = 'This address is out of date: open the one that "mlops console" has printed last.';
  },
  () => {
    document.getElementById('state').textContent = '"mlops console" is not running any longer.';
  },
);
`;
