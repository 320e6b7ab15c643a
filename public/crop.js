// The part of a picture that is kept: drawn as it will be cut, chosen with a drag, a wheel or the keyboard. Where
// it is, three sliders hold; the four fields that the form sends are reckoned from them, in the picture's pixels.
// Without this script the middle is kept.

const STEP = 1.1; // of the wheel
const SMALLEST = 64; // pixels across; less would be blurred at any size

const limited = (value, from, to) => Math.min(Math.max(value, from), to);

class Crop {
  #box;
  #canvas;
  #sliders;
  #fields;
  #shape;
  #picture;
  // Where the hand is, while it holds the picture.
  #held;

  constructor(box) {
    const named = (kind) => Object.fromEntries([...box.querySelectorAll(kind)].map((one) => [one.dataset.of, one]));
    const [across, down] = box.dataset.crop.split("/").map(Number);
    this.#box = box;
    this.#shape = across / down;
    this.#canvas = box.querySelector("canvas");
    this.#sliders = named("[type=range]");
    this.#fields = named("[type=hidden]");
    box.addEventListener("input", () => this.#show());
    this.#canvas.addEventListener("pointerdown", (event) => this.#hold(event));
    this.#canvas.addEventListener("pointermove", (event) => this.#drag(event));
    this.#canvas.addEventListener("wheel", (event) => this.#scroll(event), { passive: false });
    new ResizeObserver(() => this.#show()).observe(this.#canvas);
  }

  // What the browser cannot open has no part to choose; the server says what is wrong with it.
  async open(file) {
    const picture = file && (await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => undefined));
    this.#picture?.close();
    this.#picture = picture;
    this.#box.hidden = !picture;
    for (const field of Object.values(this.#fields)) field.disabled = !picture;
    if (!picture) return;
    const { zoom, x, y } = this.#sliders;
    zoom.max = limited(this.#widest() / SMALLEST, 1, 5);
    [zoom.value, x.value, y.value] = [1, 50, 50];
    this.#show();
  }

  #widest() {
    return Math.min(this.#picture.width, this.#picture.height * this.#shape);
  }

  // In whole pixels, and inside the picture.
  #part() {
    const { zoom, x, y } = this.#sliders;
    const whole = this.#picture;
    const width = limited(Math.floor(this.#widest() / zoom.value), 1, whole.width);
    const height = limited(Math.round(width / this.#shape), 1, whole.height);
    const start = (slider, length) => Math.floor((length * slider.value) / 100);
    return { x: start(x, whole.width - width), y: start(y, whole.height - height), width, height };
  }

  #show() {
    if (!this.#picture) return;
    const part = this.#part();
    for (const [name, field] of Object.entries(this.#fields)) field.value = part[name];
    const canvas = this.#canvas;
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
    canvas.height = Math.round(canvas.width / this.#shape);
    const brush = canvas.getContext("2d");
    brush.imageSmoothingQuality = "high";
    brush.drawImage(this.#picture, part.x, part.y, part.width, part.height, 0, 0, canvas.width, canvas.height);
  }

  #hold(event) {
    if (event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#held = { x: event.clientX, y: event.clientY };
    event.preventDefault();
  }

  #drag({ pointerId, clientX, clientY }) {
    if (!this.#picture || !this.#canvas.hasPointerCapture(pointerId)) return;
    const part = this.#part();
    const scale = part.width / this.#canvas.clientWidth;
    this.#move("x", (clientX - this.#held.x) * scale, this.#picture.width - part.width);
    this.#move("y", (clientY - this.#held.y) * scale, this.#picture.height - part.height);
    this.#held = { x: clientX, y: clientY };
    this.#show();
  }

  #move(name, pixels, room) {
    const slider = this.#sliders[name];
    if (room > 0) slider.value = Number(slider.value) - (100 * pixels) / room;
  }

  #scroll(event) {
    const { zoom } = this.#sliders;
    const value = limited(zoom.value * (event.deltaY < 0 ? STEP : 1 / STEP), 1, zoom.max);
    // At the end of its way the page scrolls on.
    if (value === Number(zoom.value)) return;
    event.preventDefault();
    zoom.value = value;
    this.#show();
  }
}

for (const box of document.querySelectorAll("[data-crop]")) {
  const crop = new Crop(box);
  const { form } = box.querySelector("[type=hidden]");
  form.addEventListener("change", ({ target }) => {
    if (target.type === "file") crop.open(target.files[0]);
  });
}
