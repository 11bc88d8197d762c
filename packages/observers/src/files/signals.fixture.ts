import type { SignalBus, SignalMap, SplitMetrics } from '@equimodal/core';

/** Emits signals as a run does, with plain figures that a test overrides. */
export function signalSource(bus: SignalBus) {
  return {
    runStarted: (values: Partial<SignalMap['run.started']> = {}) =>
      bus.emit('run.started', {
        experiment: 'toy',
        recipe: 'lfm',
        seed: 1,
        engine: 'cpu',
        epochs: 3,
        stepsPerEpoch: 4,
        trainSize: 64,
        modalities: ['audio', 'image'],
        parameters: { audio: 10, image: 20 },
        resumedAtStep: 0,
        ...values,
      }),
    epochStarted: (epoch: number, values: Partial<SignalMap['epoch.started']> = {}) =>
      bus.emit('epoch.started', { epoch, learningRate: 0.01, alpha: 0.5, ...values }),
    step: (epoch: number, step: number, values: Partial<SignalMap['step.completed']> = {}) =>
      bus.emit('step.completed', {
        epoch,
        step,
        total: 1.25,
        losses: { classification: 1.5, alignment: 1 },
        alpha: 0.5,
        learningRate: 0.01,
        batchSize: 16,
        reports: {},
        ...values,
      }),
    epochCompleted: (epoch: number, values: Partial<SignalMap['epoch.completed']> = {}) =>
      bus.emit('epoch.completed', {
        epoch,
        trainLoss: 1.2,
        losses: { classification: 1.4, alignment: 1 },
        validation: validation(0.625),
        seconds: 2,
        samplesPerSecond: 32,
        improved: true,
        ...values,
      }),
    checkpoint: (epoch: number) => bus.emit('checkpoint.saved', { epoch, step: 0, kind: 'latest' }),
    warning: (message: string) => bus.emit('warning', { source: 'test', message }),
    runCompleted: (values: Partial<SignalMap['run.completed']> = {}) =>
      bus.emit('run.completed', {
        status: 'completed',
        reason: 'all epochs done',
        epochs: 3,
        seconds: 6,
        test: validation(0.75),
        ...values,
      }),
  };
}

export const validation = (accuracy: number): SplitMetrics => ({
  loss: 0.9,
  accuracy,
  modalityGap: null,
  perModality: { audio: { accuracy: 0.5 }, image: { accuracy: 0.25 } },
});
