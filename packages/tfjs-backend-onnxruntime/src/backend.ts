export async function registerOnnxRuntimeBackend(_options: { threads?: number } = {}): Promise<void> {}
