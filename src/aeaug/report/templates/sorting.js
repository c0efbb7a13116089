// Unpacks the library that the page holds, and has it take over every table that can be sorted.
(async () => {
  const tables = [...document.querySelectorAll("table.sortable")];
  if (!tables.length || typeof DecompressionStream === "undefined") return;
  const unpacked = (id) => {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent.trim()), (one) => one.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };
  const style = document.createElement("style");
  style.textContent = await unpacked("datatables-css");
  document.head.prepend(style); // before the page's own, which has the last word
  const url = URL.createObjectURL(new Blob([await unpacked("datatables-js")], { type: "text/javascript" }));
  const { default: DataTable } = await import(url);
  URL.revokeObjectURL(url);
  for (const table of tables) {
    new DataTable(table, {
      autoWidth: false,
      order: [],
      paging: false,
      layout: { topStart: "search", topEnd: "info", bottomStart: null, bottomEnd: null },
      language: { search: "", searchPlaceholder: "filter rows", info: "_TOTAL_ rows", infoFiltered: "of _MAX_" },
      columnControl: [
        { target: 0, content: [] },
        { target: 1, content: ["search"] },
      ],
      ordering: { indicators: true, handler: true },
    });
    table.dataset.ready = "";
  }
})();
