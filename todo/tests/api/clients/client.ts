// What a client in TypeScript does, on types generated from the schema.
import createClient from "openapi-fetch";

import type { components, paths } from "./schema.js";

type Task = components["schemas"]["TaskResponse"];

const headers = { "X-Forwarded-Proto": "https" };

/** Return the data of a successful response. */
function unwrap<T>(result: { data?: T; error?: components["schemas"]["Problem"] }): T {
  if (result.error) throw new Error(`${result.error.code}: ${result.error.detail}`);
  return result.data as T;
}

function assert(condition: boolean, text: string): asserts condition {
  if (!condition) throw new Error(text);
}

export async function run(baseUrl: string, email: string, password: string) {
  const anonymous = createClient<paths>({ baseUrl, headers });
  const session = unwrap(
    await anonymous.POST("/api/v1/auth/login", { body: { email, password } }),
  );
  const client = createClient<paths>({
    baseUrl,
    headers: { ...headers, Authorization: `Bearer ${session.meta.access_token}` },
  });

  const created: Task = unwrap(
    await client.POST("/api/v1/tasks", { body: { title: "Buy milk" } }),
  );
  const params = { path: { id: created.id } };
  unwrap(
    await client.PATCH("/api/v1/tasks/{id}", {
      params,
      body: { description: "Two bottles", priority: 2, due_date: "2026-12-01" },
    }),
  );
  const completed = unwrap(
    await client.PATCH("/api/v1/tasks/{id}", { params, body: { completed: true } }),
  );
  assert(completed.description === "Two bottles", "PATCH resets what it does not name");
  assert(completed.priority === 2 && completed.completed, "PATCH changes what it names");

  const replaced = unwrap(
    await client.PUT("/api/v1/tasks/{id}", { params, body: { title: "Buy bread" } }),
  );
  assert(replaced.description === "" && !replaced.completed, "PUT resets the rest");

  const bulk = unwrap(
    await client.POST("/api/v1/tasks/bulk", {
      body: { action: "complete", ids: [created.id] },
    }),
  );
  assert(bulk.changed === 1, "a bulk request changes a task");

  const page = unwrap(
    await client.GET("/api/v1/tasks", {
      params: { query: { status: "completed", limit: 20, ordering: "-due_date" } },
    }),
  );
  assert(page.results.map((task) => task.title).join() === "Buy bread", "it is listed");
  assert(page.next === null, "there is one page");

  const home = unwrap(
    await client.POST("/api/v1/lists", { body: { name: "Home", color: "green" } }),
  );
  unwrap(
    await client.PATCH("/api/v1/tasks/{id}", {
      params,
      body: { list: home.id, labels: ["kitchen"] },
    }),
  );
  const inList = unwrap(
    await client.GET("/api/v1/tasks", {
      params: { query: { list: home.id, label: ["Kitchen"], status: "all" } },
    }),
  );
  assert(inList.results[0]?.list === home.id, "it is in the list");
  const moved = unwrap(
    await client.POST("/api/v1/lists/{id}/move", {
      params: { path: { id: home.id } },
      body: { after: null },
    }),
  );
  assert(moved.position === home.position, "the only list stays where it is");

  await client.DELETE("/api/v1/tasks/{id}", { params });
  const restored = unwrap(await client.POST("/api/v1/tasks/{id}/restore", { params }));
  assert(restored.deleted_at === null, "it is restored");

  const exported = unwrap(await client.GET("/api/v1/tasks/export"));
  const imported = unwrap(
    await client.POST("/api/v1/tasks/import", {
      body: [...(exported as components["schemas"]["ImportedTask"][]), { title: "Eggs" }],
    }),
  );
  assert(imported.created === 1 && imported.skipped === 1, "one of two is new");

  const csv = unwrap(
    await client.POST("/api/v1/tasks/import", {
      body: "title\nCheese\n",
      bodySerializer: (body) => body as string,
      headers: { "Content-Type": "text/csv" },
    }),
  );
  assert(csv.created === 1, "CSV is imported");

  const account = unwrap(
    await client.PATCH("/api/v1/account", { body: { time_zone: "Asia/Tokyo" } }),
  );
  assert(account.name === "Ann", "PATCH keeps the name of the account");
}
