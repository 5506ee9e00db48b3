// What a machine can draw in three dimensions with.

/** `software`: the processor stands in for a graphics card, as on many thin clients. */
export type Graphics = "none" | "software" | "card";

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export function graphicsHere(): Graphics {
  const context = document.createElement("canvas").getContext("webgl2");
  if (!context) return "none";
  const named = context.getExtension("WEBGL_debug_renderer_info");
  const name = String(context.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : context.RENDERER));
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return SOFTWARE.test(name) ? "software" : "card";
}
