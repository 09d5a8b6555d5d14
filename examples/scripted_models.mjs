// Models that follow a script instead of thinking, so that the examples need no key and no network.
// A step gets what the tools answered so far and gives the next call as [tool, arguments].
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage } from '@langchain/core/messages';
import { Usage } from '@openai/agents';

/** What a tool answered: JSON, in as many wrappers as a framework puts on. */
function read(output) {
  if (Array.isArray(output)) return read(output.find((part) => part.text !== undefined)?.text);
  if (typeof output !== 'string') return read(output.text ?? output.content);
  const said = JSON.parse(output);
  return said.structuredContent ?? said;
}

/** The step after those answers: a call, or at the end the last answer's text. */
function next(steps, answers) {
  return answers.length < steps.length ? steps[answers.length](answers) : answers.at(-1).text;
}

export class ScriptedChatModel extends BaseChatModel {
  constructor(steps) {
    super({});
    this.steps = steps;
  }

  _llmType() {
    return 'scripted';
  }

  bindTools() {
    return this;
  }

  async _generate(messages) {
    const answers = messages.filter((each) => each.getType() === 'tool')
      .map((each) => read(each.content));
    const step = next(this.steps, answers);
    if (typeof step === 'string') return { generations: [{ text: step, message: new AIMessage(step) }] };
    const call = { id: `call.${answers.length}`, name: step[0], args: step[1], type: 'tool_call' };
    return { generations: [{ text: '', message: new AIMessage({ content: '', tool_calls: [call] }) }] };
  }
}

export class ScriptedModel {
  constructor(steps) {
    this.steps = steps;
  }

  async getResponse({ input }) {
    const answers = (Array.isArray(input) ? input : [])
      .filter((each) => each.type === 'function_call_result').map((each) => read(each.output));
    const step = next(this.steps, answers);
    const item = typeof step === 'string'
      ? { type: 'message', role: 'assistant', status: 'completed',
          content: [{ type: 'output_text', text: step }] }
      : { type: 'function_call', callId: `call.${answers.length}`, name: step[0],
          arguments: JSON.stringify(step[1]), status: 'completed' };
    return { usage: new Usage(), output: [item] };
  }

  async *getStreamedResponse() {
    throw new Error('nothing here streams');
  }
}
