// Prints the task package that golem-js puts into a demand, for each image: node resolve.mjs [https+]tag|hash=NAME...
// The registry is $GOLEM_REGISTRY_URL, and $GOLEM_DEV_MODE says how the query is written: both are read by golem-js itself.
import { WorkloadDemandDirector } from "@golem-sdk/golem-js";

async function taskPackage(question) {
  const [, https, kind, name] = question.match(/^(https\+)?(tag|hash)=(.*)$/);
  const properties = new Map();
  const builder = {
    addProperty(key, value) {
      properties.set(key, value);
      return this;
    },
    addConstraint() {
      return this;
    },
  };
  const director = new WorkloadDemandDirector({
    expirationSec: 600,
    packageFormat: "gvmkit-squash",
    runtime: { name: "vm" },
    capabilities: [],
    minMemGib: 0.5,
    minStorageGib: 2,
    minCpuCores: 1,
    minCpuThreads: 1,
    useHttps: https !== undefined,
    ...(kind === "tag" ? { imageTag: name } : { imageHash: name }),
  });
  await director.apply(builder);
  return properties.get("golem.srv.comp.task_package");
}

for (const question of process.argv.slice(2)) {
  try {
    console.log(await taskPackage(question));
  } catch (e) {
    console.log(`${e.name}: ${e.message}`.trim());
  }
}
