// Times the way from JPEG and PNG files to a network's input, on one thread.
//
//   ReadImages exact|fast SIZE check FILES...      a checksum of each square's pixels
//   ReadImages exact|fast SIZE SECONDS FILES...    milliseconds a file, files read into memory before
// Short side to SIZE / 0.875, bilinear, center SIZE, ImageNet's statistics: the most common preprocessing.

import Glibc
import LayerTap

let arguments = CommandLine.arguments
guard arguments.count >= 5, let mode = Decoding.Mode(rawValue: arguments[1]), let size = Int(arguments[2])
else {
  fatalError("usage: ReadImages exact|fast SIZE SECONDS|check FILES...")
}

func contents(of path: String) -> [UInt8] {
  guard let file = unsafe fopen(path, "rb") else { fatalError("\(path) cannot be read") }
  defer { unsafe _ = fclose(file) }
  unsafe fseek(file, 0, SEEK_END)
  let count = unsafe ftell(file)
  unsafe rewind(file)
  return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    initialized = unsafe fread(buffer.baseAddress, 1, count, file)
  }
}

let files = arguments[4...].map(contents)
let preprocessor = ImagePreprocessor(Preprocessing(size: size, decoding: Decoding(mode: mode)))
guard let seconds = Double(arguments[3]) else {
  for file in files {
    // Weighted by position, to detect moved pixels; exact in 64 bits.
    let pixels = try preprocessor.pixels(file: file).pixels
    print(
      pixels.enumerated().reduce(0 as UInt64) { $0 &+ UInt64($1.offset % 65_521 + 1) &* UInt64($1.element) })
  }
  exit(0)
}
let clock = ContinuousClock()
func pass() throws {
  var input = [Float](repeating: 0, count: preprocessor.inputCount)
  for file in files {
    var span = input.mutableSpan
    try preprocessor.apply(file: file, into: &span)
  }
}
try pass()
let start = clock.now
var done = 0
while clock.now - start < .seconds(seconds) {
  try pass()
  done += files.count
}
print((clock.now - start) / .milliseconds(1) / Double(done))
