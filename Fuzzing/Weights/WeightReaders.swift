// The readers of weight files; all their errors are allowed.

import TapBackbone
import TapCheckpoints
import TapONNX
import TapProvenance

#if canImport(Glibc)
  import Glibc
#endif

/// The reader that this process tests; `Scripts/fuzz` sets it.
enum Reader: String {
  case pickle, safetensors, onnx

  static let chosen: Reader = {
    guard let name = unsafe getenv("LAYERTAP_FUZZING_READER"),
      let reader = Reader(rawValue: unsafe String(cString: name))
    else { fatalError("LAYERTAP_FUZZING_READER is neither pickle nor safetensors nor onnx") }
    return reader
  }()

  func read(_ input: UnsafeBufferPointer<UInt8>) {
    let bytes = unsafe input.span
    switch self {
    // The formats are recognized by content.
    case .pickle, .safetensors: _ = try? Checkpoint.load(bytes: bytes)
    case .onnx:
      do throws(ONNXError.Reason) {
        let model = try ONNXModel(bytes)
        let image = try ONNXImporter.image(of: model)
        guard image.size ?? 32 == 32 else { return }
        var preprocessing = Preprocessing()
        preprocessing.size = 32
        _ = try ONNXImporter.backbone(model, name: "fuzzed", preprocessing: preprocessing)
      } catch {}
    }
  }
}
