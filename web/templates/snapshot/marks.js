(feature, layer) => {
  const { number, metres, outline } = feature.properties;
  if (outline) {
    const name = document.createElement("span");
    name.textContent = outline;
    layer.bindTooltip(name, { permanent: true, direction: "center", className: "place-name" });
    return;
  }
  if (metres !== undefined) {
    layer.setRadius(metres);
    return;
  }
  if (number === undefined) return;
  const row = document.getElementById(`n${number}`);
  if (layer.options.icon) {
    const mark = row.querySelector(".mark").cloneNode(true);
    const tag = document.createElement("span");
    tag.className = "mark__number";
    tag.textContent = String(number);
    mark.append(tag);
    layer.options.icon.options.html = mark;
    layer.options.alt = `${number} ${row.querySelector(".what").textContent}`;
  }
  const words = document.createElement("span");
  words.textContent = [number, ...[...row.querySelectorAll(".said")].map((cell) => cell.textContent.trim())].join(" ");
  layer.bindTooltip(words);
  layer.on("click", () => {
    location.hash = row.id;
  });
}
