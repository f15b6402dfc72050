// A member's phone: joins once a tab, sends what is typed, and shows what the bot answers.
const LOOK_EVERY_MS = 1000;
const bubbles = document.getElementById("bubbles");
const quick = document.getElementById("quick");
const state = document.getElementById("state");
const text = document.getElementById("text");
const lat = document.getElementById("lat");
const lon = document.getElementById("lon");
let user = sessionStorage.getItem("user");
let shown = "";

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function join() {
  user = (await post("/chat", {})).user;
  sessionStorage.setItem("user", user);
}

async function send(body) {
  try {
    await post(`/chat/${user}`, body);
    state.textContent = "";
    await look();
    return true;
  } catch {
    state.textContent = "送れませんでした。もう一度試してください。";
    return false;
  }
}

function bubbleOf(bubble) {
  const item = document.createElement("li");
  item.classList.toggle("mine", bubble.mine);
  item.classList.toggle("unsent", bubble.unsent);
  const words = document.createElement("p");
  words.textContent = bubble.unsent ? "送信を取り消しました" : bubble.text;
  const at = document.createElement("small");
  const who = bubble.mine ? "あなた" : "半鐘";
  at.textContent = `${who} ${new Date(bubble.at).toLocaleTimeString("ja-JP", { hour: "2-digit", minute: "2-digit" })}`;
  item.append(words, at);
  if (bubble.mine && !bubble.unsent) {
    const unsend = document.createElement("button");
    unsend.type = "button";
    unsend.textContent = "送信取消";
    unsend.addEventListener("click", () => send({ unsend: bubble.id }));
    item.append(unsend);
  }
  return item;
}

async function look() {
  const answer = await fetch(`/chat/${user}`);
  if (answer.status === 404) {
    await join(); // the stand-in was restarted and knows nobody
    return;
  }
  if (!answer.ok) throw new Error(String(answer.status));
  const chat = await answer.json();
  const now = JSON.stringify(chat.bubbles);
  if (now === shown) return;
  shown = now;
  bubbles.replaceChildren(...chat.bubbles.map(bubbleOf));
  // As in LINE: the buttons are those of the last bubble, and go with the next.
  const choices = chat.bubbles.at(-1)?.choices ?? [];
  quick.replaceChildren(...choices.map(({ label, data }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => send({ press: data }));
    return button;
  }));
  bubbles.lastElementChild?.scrollIntoView({ block: "end" });
}

async function keepLooking() {
  try {
    if (!user) await join();
    await look();
    if (state.dataset.lost) {
      state.textContent = "";
      delete state.dataset.lost;
    }
  } catch {
    state.textContent = "模擬LINEにつながりません。";
    state.dataset.lost = "yes";
  }
  setTimeout(keepLooking, LOOK_EVERY_MS);
}

document.getElementById("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (text.value.trim() && await send({ text: text.value })) text.value = "";
});
document.getElementById("place").addEventListener("click", () => {
  const [y, x] = [Number(lat.value), Number(lon.value)];
  if (lat.value.trim() && lon.value.trim() && Number.isFinite(y) && Number.isFinite(x)) send({ lat: y, lon: x });
  else state.textContent = "緯度と経度を数字で入れてください。";
});
document.getElementById("here").addEventListener("click", () => {
  navigator.geolocation.getCurrentPosition(
    (found) => {
      lat.value = found.coords.latitude.toFixed(6);
      lon.value = found.coords.longitude.toFixed(6);
    },
    () => { state.textContent = "位置を取得できません。緯度と経度を入れてください。"; },
  );
});
keepLooking();
