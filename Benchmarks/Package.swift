// swift-tools-version: 6.2
// What is measured against other engines; a package of its own, so that nobody who uses LayerTap builds it.
import PackageDescription

let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "LayerTap", path: "..")],
  targets: [
    .executableTarget(name: "FitLinear", dependencies: [.product(name: "LayerTap", package: "LayerTap")]),
    .executableTarget(name: "ForwardPass", dependencies: [.product(name: "LayerTap", package: "LayerTap")]),
    .executableTarget(name: "ReadImages", dependencies: [.product(name: "LayerTap", package: "LayerTap")]),
  ]
)
