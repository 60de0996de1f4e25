// A recorder in front of the plain file field, where the browser has one; the field stays for everybody else.
const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

function canRecord() {
  if (!window.MediaRecorder || !navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return false;
  try { return Boolean(new DataTransfer()); } catch { return false; }
}

function addRecorder(field) {
  const words = field.dataset;
  const box = document.createElement("div");
  box.className = "voice-recorder";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--secondary";
  button.textContent = words.record;
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  box.append(button, said);
  field.before(box);
  let recorder = null;

  async function start() {
    let stream;
    try { stream = await navigator.mediaDevices.getUserMedia({ audio: true }); } catch { said.textContent = words.refused; return; }
    const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    recorder = new MediaRecorder(stream, { ...(type && { mimeType: type }), audioBitsPerSecond: 32000 });
    const parts = [];
    const began = Date.now();
    const clock = setInterval(() => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      said.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      if (seconds >= Number(words.seconds)) recorder.stop();
    }, 250);
    recorder.ondataavailable = (part) => parts.push(part.data);
    recorder.onstop = () => {
      clearInterval(clock);
      stream.getTracks().forEach((track) => track.stop());
      const kind = recorder.mimeType.split(";")[0];
      const sent = new DataTransfer();
      sent.items.add(new File(parts, `voice.${kind.split("/")[1]}`, { type: kind }));
      field.files = sent.files;
      said.textContent = `${words.done} ${said.textContent}`;
      button.textContent = words.again;
      recorder = null;
    };
    recorder.start();
    button.textContent = words.stop;
  }

  button.addEventListener("click", () => (recorder ? recorder.stop() : start()));
}

if (canRecord()) document.querySelectorAll("input[data-record]").forEach(addRecorder);
