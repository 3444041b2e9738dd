// Reads cases as JSON from stdin and answers, for each, which verifiers accept it.
import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";

const { verify } = await import(process.argv[2]);
const verifiers = {
  standardwebhooks: ({ secret, headers, body }) => new Standard(secret).verify(body, headers),
  svix: ({ secret, headers, body }) => new Svix(secret).verify(body, headers),
  documented: ({ secret, headers, body }) => verify(secret, headers, Buffer.from(body)),
};

function accepts(check, one) {
  try {
    check(one);
    return true;
  } catch {
    return false;
  }
}

let text = "";
for await (const chunk of process.stdin) text += chunk;
const answers = JSON.parse(text).map((one) =>
  Object.fromEntries(Object.entries(verifiers).map(([name, check]) => [name, accepts(check, one)])),
);
process.stdout.write(JSON.stringify(answers));
