/** Makes a photo small on the phone, before it has to pass one bar of signal. */

const LONGEST_SIDE = 1600;
const QUALITY = 0.8;

/**
 * @param {number} width @param {number} height
 * @returns {{width: number, height: number}} scaled down to at most 1600 px a side, never up
 */
export function fitted(width, height) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * @param {Blob} file
 * @returns {Promise<Blob>} JPEG without the camera's metadata (a canvas keeps none)
 * @throws {DOMException} when the file is no picture
 */
export async function shrink(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const { width, height } = fitted(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.drawImage(picture, 0, 0, width, height);
  picture.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new DOMException("no picture", "EncodingError"))),
      "image/jpeg", QUALITY);
  });
}
