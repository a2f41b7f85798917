// Tells a member, where the page that they signed in to includes this, that mail to their address fails, and what to do.
//
//   <script src="https://mail.example.jp/status-check.js" defer data-key="member" data-address="aoi@example.jp"
//     data-expires="1764000000" data-signature="…" data-lang="ja" data-target="mail-notice"></script>
//
// The site's server makes expires and signature. Nothing is shown while mail arrives, or where anything fails. The notice
// is text in an element of its own (class "todoku-notice", role "status"), in the element with the id of data-target or
// else before the script; the event "todoku-status" on the document carries the whole answer. No cookies, no storage, no
// other host, no inline style or script.
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script) return;
  var data = script.dataset;
  var query = new URLSearchParams();
  ["key", "address", "expires", "signature", "lang"].forEach(function (name) {
    if (data[name]) query.set(name, data[name]);
  });
  var url = new URL("status-check", script.src);
  url.search = query.toString();
  function show(answer) {
    document.dispatchEvent(new CustomEvent("todoku-status", { detail: answer }));
    if (!answer.failing) return;
    var notice = document.createElement("div");
    notice.className = "todoku-notice";
    notice.setAttribute("role", "status");
    notice.lang = answer.lang;
    notice.textContent = answer.message;
    var target = data.target && document.getElementById(data.target);
    if (target) target.appendChild(notice);
    else script.parentNode.insertBefore(notice, script);
  }
  fetch(url, { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" })
    .then(function (response) {
      if (response.ok) return response.json().then(show);
    })
    .catch(function () {});
})();
