/* Files dropped on a form go into its file input; without this file the input works as ever. */
(function () {
  'use strict';
  Array.prototype.forEach.call(document.querySelectorAll('form[data-drop]'), function (form) {
    var input = form.querySelector('input[type=file]'), deep = 0;
    function mark(on) { form.classList.toggle('is-over', on); }
    form.addEventListener('dragenter', function (e) { e.preventDefault(); deep += 1; mark(true); });
    form.addEventListener('dragleave', function () { deep -= 1; if (deep <= 0) { deep = 0; mark(false); } });
    form.addEventListener('dragover', function (e) { e.preventDefault(); });
    form.addEventListener('drop', function (e) {
      e.preventDefault();
      deep = 0;
      mark(false);
      if (e.dataTransfer && e.dataTransfer.files.length) {
        input.files = e.dataTransfer.files;
        input.focus();
      }
    });
  });
})();
