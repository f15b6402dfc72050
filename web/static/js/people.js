/** The page of administrators: people, wall screens, organizations, standing shares. */

import { ask, me, Refused } from "./api.js";
import { brigadeAreas } from "./brigadeareas.js";
import { byId, el, japanese } from "./dom.js";
import { said, t } from "./i18n.js";
import { adding, chooser, rows } from "./peopleparts.js";
import { timeWords } from "./time.js";
import { ROLES } from "./words.js";

/** @typedef {{id: string, kind: string, name: string, code: string, managed: boolean, area: any}} Organization */

/** @type {{csrf: string, organization: string|null}} */
let user = { csrf: "", organization: null };
/** @type {Organization[]} */
let known = [];

/** @param {string} path */
const fetched = async (path) => (await ask(path, { headers: { accept: "application/json" } })).json();

/**
 * @param {string} method @param {string} path @param {any} [body]
 * @returns {Promise<any>} what the server answers, null when it has nothing to say
 */
async function send(method, path, body) {
  const answer = await ask(path, {
    method, body: body === undefined ? undefined : JSON.stringify(body),
    headers: { accept: "application/json", "content-type": "application/json", "x-csrf-token": user.csrf },
  });
  return answer.status === 204 ? null : answer.json();
}

/** @param {(string|Node)[]} words @param {boolean} [wrong] */
function tell(words, wrong = false) {
  const place = byId("said");
  place.className = wrong ? "notice notice--error" : "notice";
  place.replaceChildren(...words);
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

/** Does something, says how it went, and shows the present state. @param {() => Promise<(string|Node)[]>} deed */
async function doing(deed) {
  try {
    tell(await deed());
    await show();
  } catch (error) {
    const { title = "", detail = "", errors = [] } = error instanceof Refused ? error.problem : {};
    const words = [title, detail, ...errors.map((/** @type {any} */ one) => one.message)].filter(Boolean).map(said);
    tell([words.join(" ") || t("つながりません。自動でもう一度試します。")], true);
  }
}

/** @param {string} at ISO 8601 */
const whenOf = (at) => timeWords(Date.parse(at), Date.now());

/** @param {any} organization */
const nameOf = (organization) => organization?.name ?? t("全体");

/** Organizations to choose from. @param {(one: Organization) => boolean} which @returns {[string, string][]} */
const choices = (which) => known.filter(which).map((one) => [one.id, `${one.name} ${one.code}`]);

/** Where people can belong. @returns {[string, string][]} */
const belongings = () => [...(user.organization === null ? /** @type {[string, string][]} */ ([["", t("全体")]]) : []), ...choices((one) => one.managed)];

/** @param {string} label @param {string} once */
const onlyOnce = (label, once) => [label, el("br"), el("span", { class: "once" }, once)];

/** @param {any} person */
function personRow(person) {
  const change = (/** @type {any} */ body) => doing(async () => {
    await send("PATCH", `/people/${person.id}`, body);
    return [t("{name}さんを変更しました。", { name: person.name })];
  });
  const own = person.name === byId("people").dataset.me;
  const role = chooser(t("{name}さんの役割", { name: person.name }), [...ROLES], person.role, (value) => change({ role: value }), own);
  const belongs = chooser(t("{name}さんの所属", { name: person.name }), belongings(), person.organization?.id ?? "",
    (value) => change({ organization: value || null }), own);
  const deeds = el("span", { class: "rows__deeds" },
    person.local && button(t("パスワードを作り直す"), () => doing(async () => onlyOnce(
      t("{name}さんの新しいパスワードです。いまだけ表示します。", { name: person.name }),
      (await send("POST", `/people/${person.id}/password`)).password))),
    button(t("全端末からサインアウト"), () => doing(async () => {
      await send("POST", `/people/${person.id}/signout`);
      return [t("{name}さんをすべての端末からサインアウトしました。", { name: person.name })];
    })),
    !own && button(person.disabled ? t("使えるように戻す") : t("使えなくする"), () => change({ disabled: !person.disabled })));
  const state = person.disabled ? t("停止中") : person.signed_in_at ? whenOf(person.signed_in_at) : t("なし");
  return { cells: [japanese(person.name), role, belongs, state, deeds], muted: person.disabled };
}

/** @param {string} words @param {() => void} onclick */
const button = (words, onclick) => el("button", { type: "button", class: "button button--small", onclick }, words);

function showPeople(/** @type {any[]} */ people) {
  byId("people").replaceChildren(
    rows([t("名前"), t("役割"), t("所属"), t("最後のサインイン"), t("操作")], people.map(personRow)),
    adding(t("人を登録する"), [
      { name: "name", label: t("名前") },
      { name: "role", label: t("役割"), choices: [...ROLES] },
      { name: "organization", label: t("所属"), choices: belongings() },
    ], (given) => doing(async () => onlyOnce(
      t("{name}さんを登録しました。パスワードはいまだけ表示します。", { name: given.name }),
      (await send("POST", "/people", { ...given, organization: given.organization || null })).password))));
}

function showDevices(/** @type {any[]} */ devices) {
  const row = (/** @type {any} */ device) => ({
    cells: [japanese(device.name), nameOf(device.organization), whenOf(device.expires_at),
      device.used_at ? whenOf(device.used_at) : t("なし"),
      button(t("取り消す"), () => doing(async () => {
        await send("DELETE", `/devices/${device.id}`);
        return [t("画面「{name}」を取り消しました。", { name: device.name })];
      }))],
  });
  byId("devices").replaceChildren(
    rows([t("名前"), t("見える範囲"), t("期限"), t("最後に開いた時刻"), t("操作")], devices.map(row)),
    adding(t("画面のリンクを作る"), [
      { name: "name", label: t("名前") },
      { name: "organization", label: t("見える範囲"), choices: belongings() },
      { name: "days", label: t("有効日数"), value: "30", type: "number" },
    ], (given) => doing(async () => onlyOnce(
      t("画面「{name}」のリンクです。いまだけ表示します。画面の機械で開いてください。", { name: given.name }),
      (await send("POST", "/devices", { name: given.name, days: Number(given.days), organization: given.organization || null })).link))));
}

function showOrganizations() {
  const kinds = { prefecture: t("都道府県"), municipality: t("市区町村"), brigade: t("分団") };
  const row = (/** @type {any} */ one) => ({
    cells: [japanese(one.name), /** @type {any} */ (kinds)[one.kind], one.code, one.area ? t("あり") : t("なし"),
      one.kind === "brigade" && one.managed ? button(one.area ? t("区域を変える") : t("区域を決める"), () => areas.open(one.id)) : ""],
  });
  byId("organizations").replaceChildren(
    rows([t("名前"), t("種類"), t("コード"), t("担当区域"), t("操作")], known.map(row)),
    adding(t("組織を登録する"), [
      { name: "code", label: t("コード（都道府県2桁、市区町村5桁）") },
      { name: "brigade", label: t("分団の名前（分団のとき）"), optional: true },
    ], (given) => {
      let made = "";
      void doing(async () => {
        const { id, kind, name } = await send("POST", "/organizations", { code: given.code, brigade: given.brigade || null });
        if (kind === "brigade") made = id;
        return [t("{name}を登録しました。", { name }), made && ` ${t("下の地図で担当区域を決められます。")}`];
      }).then(() => areas.open(made));
    }));
}

const areas = brigadeAreas((id, area) => void doing(async () => {
  await send("PATCH", `/organizations/${id}`, { area });
  const name = known.find((one) => one.id === id)?.name ?? "";
  return [area ? t("{name}の担当区域を決めました。", { name }) : t("{name}の担当区域をなくしました。", { name })];
}));

function showShares(/** @type {any[]} */ shares) {
  const whole = (/** @type {Organization} */ one) => one.kind !== "brigade";
  const row = (/** @type {any} */ share) => ({
    cells: [nameOf(share.owner), nameOf(share.receiver), button(t("やめる"), () => doing(async () => {
      await send("DELETE", `/shares/${share.id}`);
      return [t("共有をやめました。")];
    }))],
  });
  byId("shares").replaceChildren(
    rows([t("見せる組織"), t("見る組織"), t("操作")], shares.map(row)),
    adding(t("共有を始める"), [
      { name: "owner", label: t("見せる組織"), choices: choices((one) => one.managed && whole(one)) },
      { name: "receiver", label: t("見る組織"), choices: choices(whole) },
    ], (given) => doing(async () => {
      await send("POST", "/shares", given);
      return [t("共有を始めました。いまある事案も見えるようになりました。")];
    })));
}

async function show() {
  const [people, devices, organizations, shares] = await Promise.all(
    ["/people", "/devices", "/organizations", "/shares"].map(fetched));
  known = organizations.organizations;
  showPeople(people.people);
  showDevices(devices.devices);
  showOrganizations();
  areas.show(known);
  showShares(shares.shares);
}

const signedIn = await me();
user = /** @type {any} */ (signedIn);
byId("people").dataset.me = signedIn.name;
await show();
